//! The demo: a target on this machine that behaves in every way a target can, and an organization that watches it.
//!
//! It is made through the public API like anybody's, so nothing in the rest of the program knows of it. Its login and
//! its ports are kept in the data folder: the monitors of an earlier run still find their target.

mod client;
mod kept;
mod seed;
mod target;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use client::Client;
pub(crate) use kept::Login;
use kept::{Kept, KeptError};
use target::Target;

/// Why the demo is not complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error(transparent)]
    Kept(#[from] KeptError),
    #[error("its target cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    #[error("a request to {path} was answered with {status}: {body}")]
    Answer { path: String, status: u16, body: String },
    #[error("the API does not answer: {0}")]
    Request(#[from] reqwest::Error),
    #[error("an answer of the API lacks {0}")]
    Incomplete(&'static str),
}

/// The running target, with the login of the organization that watches it.
#[derive(Debug)]
pub(crate) struct Demo {
    login: Login,
    _target: Target,
}

impl Demo {
    /// Starts the target and, on the first run on this data folder, seeds the organization through the API at `api`.
    pub(crate) async fn start(data: &Path, api: SocketAddr) -> Result<Self, DemoError> {
        let mut kept = Kept::read_or_make(data)?;
        let target = Target::start(kept.ports).await.map_err(DemoError::Listen)?;
        if kept.ports != Some(target.ports()) {
            if kept.seeded {
                tracing::warn!("another program has a port of the demo's target; its monitors will show that as down");
            } else {
                kept.ports = Some(target.ports());
                kept.write(data)?;
            }
        }
        if !kept.seeded {
            let client = Client::sign_up_or_in(origin(api), &kept.login).await?;
            seed::seed(&client, target.ports()).await?;
            kept.seeded = true;
            kept.write(data)?;
        }
        Ok(Self { login: kept.login, _target: target })
    }

    pub(crate) fn login(&self) -> &Login {
        &self.login
    }
}

/// How this process reaches its own API.
fn origin(api: SocketAddr) -> String {
    let host = if api.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { api.ip() };
    format!("http://{}", SocketAddr::new(host, api.port()))
}
