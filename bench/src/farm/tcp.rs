//! The TCP target: the monitor says its number in a line and is answered with `ok`.

use std::io::{ErrorKind, Result};
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Behaviour, Farm, http};

pub(super) async fn serve(farm: &Rc<Farm>, mut stream: TcpStream) -> Result<()> {
    let mut line = [0; 64];
    let read = stream.read(&mut line).await?;
    let number = http::parse(line.get(..read).unwrap_or_default()).ok_or(ErrorKind::InvalidData)?;
    match farm.visited(number) {
        Behaviour::Up => stream.write_all(b"ok\n").await,
        Behaviour::Down => Ok(()),
        Behaviour::Slow => {
            tokio::time::sleep(farm.slow.get()).await;
            stream.write_all(b"ok\n").await
        }
        Behaviour::Hang => {
            // Until the client gives up.
            while stream.read(&mut line).await? > 0 {}
            Ok(())
        }
    }
}
