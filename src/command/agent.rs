//! `pulse agent`: measures the host it runs on and pushes that to a Pulse server.

use crate::agent;
use crate::config::AgentSettings;
use crate::error::StartError;
use crate::parts;
use crate::signals::Signals;

/// Runs until a signal comes.
pub(crate) fn run(settings: AgentSettings) -> Result<(), StartError> {
    let runtime = parts::runtime()?;
    let ran = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(StartError::Runtime)?;
        Box::pin(agent::run(settings, &mut signals)).await
    });
    parts::end(runtime);
    ran
}
