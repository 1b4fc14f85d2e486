//! Targets that misbehave on purpose, each in one way and always in the same: what the classification of failures is
//! proved against. All live on the loopback interface and end when they are dropped.

pub mod dns;
pub mod http;
pub mod http2;
pub mod tcp;
pub mod tls;

use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

/// A target that is up.
#[derive(Debug)]
pub struct Target {
    pub address: SocketAddr,
    task: AbortHandle,
}

impl Target {
    /// A target at `address` that is what `running` does.
    fn new(address: SocketAddr, running: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { address, task: tokio::spawn(running).abort_handle() }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Hands each connection to `play`; what a connection ends with is its own affair.
pub async fn listen<Playing>(
    at: SocketAddr,
    play: impl Fn(TcpStream) -> Playing + Send + Sync + 'static,
) -> io::Result<Target>
where
    Playing: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind(at).await?;
    let address = listener.local_addr()?;
    Ok(Target::new(address, async move {
        let play = Arc::new(play);
        // Connections end with their target.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            while connections.try_join_next().is_some() {}
            connections.spawn(play(stream));
        }
    }))
}

/// Any free port of the IPv4 loopback.
pub fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
