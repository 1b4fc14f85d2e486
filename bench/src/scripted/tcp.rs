//! Ports: closed, deaf, rude, and full.

use std::io;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use super::{Target, http::until_gone, listen, loopback};

/// Connections that wait at a full port; the first one takes its only place.
const WAITING: usize = 4;

/// A port that nobody listens at. It stays taken, so that nobody else can come to listen there.
pub fn refusing() -> io::Result<Target> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(loopback())?;
    let address = socket.local_addr()?;
    Ok(Target::new(address, async move {
        let _taken = socket;
        std::future::pending::<()>().await;
    }))
}

/// A port whose queue of connections is full and never served: the kernel drops every further attempt.
pub async fn full() -> io::Result<Target> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(loopback())?;
    let address = socket.local_addr()?;
    let listener = socket.listen(0)?;
    let first = TcpStream::connect(address).await?;
    let mut waiting = JoinSet::new();
    for _ in 0..WAITING {
        waiting.spawn(async move {
            let _held = TcpStream::connect(address).await?;
            std::future::pending::<io::Result<()>>().await
        });
    }
    Ok(Target::new(address, async move {
        let _held = (listener, first, waiting);
        std::future::pending::<()>().await;
    }))
}

/// Accepts, hears everything, says nothing.
pub async fn silent() -> io::Result<Target> {
    listen(loopback(), |mut stream| async move { until_gone(&mut stream).await }).await
}

/// Accepts and closes.
pub async fn closing() -> io::Result<Target> {
    listen(loopback(), |mut stream| async move { stream.shutdown().await }).await
}

/// Resets a connection as soon as it has heard something.
pub async fn resetting() -> io::Result<Target> {
    listen(loopback(), |mut stream| async move {
        let _heard = stream.read_u8().await?;
        stream.set_zero_linger()
    })
    .await
}

/// Greets and then listens.
pub async fn greeting(text: &'static [u8]) -> io::Result<Target> {
    listen(loopback(), move |mut stream| async move {
        stream.write_all(text).await?;
        until_gone(&mut stream).await
    })
    .await
}

/// Greets and closes.
pub async fn parting(text: &'static [u8]) -> io::Result<Target> {
    listen(loopback(), move |mut stream| async move {
        stream.write_all(text).await?;
        stream.shutdown().await
    })
    .await
}

/// Says the same for ever.
pub async fn endless(text: &'static [u8]) -> io::Result<Target> {
    listen(loopback(), move |mut stream| async move {
        loop {
            stream.write_all(text).await?;
        }
    })
    .await
}

/// Says back what it hears.
pub async fn echoing() -> io::Result<Target> {
    listen(loopback(), |mut stream| async move {
        let (mut from, mut to) = stream.split();
        tokio::io::copy(&mut from, &mut to).await.map(drop)
    })
    .await
}
