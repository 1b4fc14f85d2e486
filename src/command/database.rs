//! `pulse database`: the embedded Postgres alone, for psql and for the project's own tests.

use std::time::Duration;

use crate::config::Config;
use crate::data::DataFolder;
use crate::error::StartError;
use crate::parts;
use crate::postgres::{EmbeddedPostgres, Worth};
use crate::progress::Progress;
use crate::signals::Signals;
use crate::terminal;

/// How often it is looked whether the server still runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until a signal comes. When the server takes connections, one line says how to reach it:
/// `{"url":"postgres://…","programs":"/usr/lib/postgresql/15/bin","home":"/…"}`.
pub(crate) fn run(config: &Config, worth: Worth) -> Result<(), StartError> {
    let data = DataFolder::open(&config.data)?;
    let mut postgres = EmbeddedPostgres::start(&data, &config.search_path, worth, &Progress::new())?;
    let runtime = parts::runtime()?;
    let result = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(StartError::Runtime)?;
        let ready = serde_json::json!({
            "url": postgres.url().expose(),
            "programs": postgres.programs(),
            "home": postgres.home(),
        });
        terminal::say(&ready.to_string());
        tokio::select! {
            () = signals.next() => Ok(()),
            () = ended(&mut postgres) => Err(StartError::PostgresEnded),
        }
    });
    postgres.stop()?;
    result
}

/// Returns when the server has ended on its own.
pub(super) async fn ended(postgres: &mut EmbeddedPostgres) {
    while !postgres.has_ended() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
