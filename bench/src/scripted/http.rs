//! Web servers: what is said to a request, byte for byte.

use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Target, listen, loopback};

/// What a server does once it has heard a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Says this and closes.
    Say(Vec<u8>),
    /// Says this after that long, and closes.
    SayLate(Duration, Vec<u8>),
    /// Says this and stays silent for as long as the client waits.
    SayAndHang(Vec<u8>),
    /// Says this and resets the connection.
    SayAndReset(Vec<u8>),
    /// Says this for ever.
    SayOn(Vec<u8>),
}

/// An answer that is as it should be.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A server; `script` gets the head of each request.
pub async fn serve(script: impl Fn(&str) -> Act + Clone + Send + Sync + 'static) -> io::Result<Target> {
    serve_at(loopback(), script).await
}

pub async fn serve_at(
    at: SocketAddr,
    script: impl Fn(&str) -> Act + Clone + Send + Sync + 'static,
) -> io::Result<Target> {
    listen(at, move |stream| {
        let script = script.clone();
        async move {
            let (act, stream) = hear(stream, script).await?;
            play(act, stream, |stream: TcpStream| stream.set_zero_linger()).await
        }
    })
    .await
}

/// The act that answers the request on this connection.
pub(super) async fn hear<Stream: AsyncRead + Unpin>(
    mut stream: Stream,
    script: impl Fn(&str) -> Act,
) -> io::Result<(Act, Stream)> {
    let mut heard = Vec::new();
    while !heard.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut heard).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((script(&String::from_utf8_lossy(&heard)), stream))
}

/// Carries an act out; `reset` makes the connection one that ends without a goodbye.
pub(super) async fn play<Stream: AsyncRead + AsyncWrite + Unpin>(
    act: Act,
    mut stream: Stream,
    reset: impl FnOnce(Stream) -> io::Result<()>,
) -> io::Result<()> {
    match act {
        Act::Say(text) => {
            stream.write_all(&text).await?;
            stream.shutdown().await
        }
        Act::SayLate(delay, text) => {
            tokio::time::sleep(delay).await;
            stream.write_all(&text).await?;
            stream.shutdown().await
        }
        Act::SayAndHang(text) => {
            stream.write_all(&text).await?;
            stream.flush().await?;
            until_gone(&mut stream).await
        }
        Act::SayAndReset(text) => {
            stream.write_all(&text).await?;
            stream.flush().await?;
            reset(stream)
        }
        Act::SayOn(text) => loop {
            stream.write_all(&text).await?;
        },
    }
}

/// Waits for the client to leave.
pub(super) async fn until_gone(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut heard = [0_u8; 256];
    while stream.read(&mut heard).await? > 0 {}
    Ok(())
}
