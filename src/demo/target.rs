//! The demo's target: a small server on loopback with a path for each way in which a target can behave.

mod behaviour;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// What the TCP port says to whoever connects, as a mail server does.
const BANNER: &[u8] = b"220 relay.pulse.example ready\r\n";

/// What a TCP client may say before it is hung up on.
const ECHO_BYTES_MAX: usize = 4096;

/// The ports of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) http: u16,
    /// Greets and echoes.
    pub(super) tcp: u16,
    /// Taken, so that nobody else listens there, and refusing every connection.
    pub(super) refused: u16,
}

/// The running target; dropped, it is gone at once, as a demo may be.
#[derive(Debug)]
pub(super) struct Target {
    ports: Ports,
    _tasks: JoinSet<()>,
    _refused: TcpSocket,
}

impl Target {
    /// Takes the ports of an earlier run; free ones in place of those that are taken by now.
    pub(super) async fn start(ports: Option<Ports>) -> io::Result<Self> {
        let http = listen(ports.map(|ports| ports.http)).await?;
        let tcp = listen(ports.map(|ports| ports.tcp)).await?;
        let refused = bind(ports.map(|ports| ports.refused))?;
        let ports = Ports {
            http: http.local_addr()?.port(),
            tcp: tcp.local_addr()?.port(),
            refused: refused.local_addr()?.port(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(http, behaviour::router()).await {
                tracing::warn!(%error, "the demo's target ended");
            }
        });
        tasks.spawn(greet(tcp));
        Ok(Self { ports, _tasks: tasks, _refused: refused })
    }

    pub(super) fn ports(&self) -> Ports {
        self.ports
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

async fn listen(wanted: Option<u16>) -> io::Result<TcpListener> {
    match TcpListener::bind(loopback(wanted.unwrap_or(0))).await {
        Err(_) if wanted.is_some() => TcpListener::bind(loopback(0)).await,
        result => result,
    }
}

/// A socket that has a port and does not listen: the system refuses every connection to it.
fn bind(wanted: Option<u16>) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    match socket.bind(loopback(wanted.unwrap_or(0))) {
        Ok(()) => Ok(socket),
        Err(_) if wanted.is_some() => bind(None),
        Err(error) => Err(error),
    }
}

async fn greet(listener: TcpListener) {
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    conversations.spawn(converse(stream));
                }
                // Out of file descriptors, most likely: let some conversations end.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            },
            Some(_) = conversations.join_next() => {}
        }
    }
}

/// Greets, says back what it hears once, hangs up. Whoever leaves early is no trouble.
async fn converse(mut stream: TcpStream) {
    let mut heard = vec![0; ECHO_BYTES_MAX];
    let talk = async {
        stream.write_all(BANNER).await?;
        let length = stream.read(&mut heard).await?;
        stream.write_all(heard.get(..length).unwrap_or_default()).await
    };
    let _left_early = tokio::time::timeout(std::time::Duration::from_secs(30), talk).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_ports_of_an_earlier_run_are_taken_again() {
        let first = Target::start(None).await.expect("started");
        let ports = first.ports();
        drop(first);
        // The tasks end at their next await; until then the ports are theirs.
        tokio::task::yield_now().await;
        let again = Target::start(Some(ports)).await.expect("started");
        let taken = Target::start(Some(again.ports())).await.expect("started on other ports");
        assert_ne!(taken.ports().http, again.ports().http);
    }

    #[tokio::test]
    async fn one_port_greets_and_one_refuses() {
        let target = Target::start(None).await.expect("started");
        let mut stream = TcpStream::connect(loopback(target.ports().tcp)).await.expect("greets");
        let mut greeting = vec![0; BANNER.len()];
        stream.read_exact(&mut greeting).await.expect("read");
        assert_eq!(greeting, BANNER);
        let refused = TcpStream::connect(loopback(target.ports().refused)).await.expect_err("refuses");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}
