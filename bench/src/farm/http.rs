//! The HTTP target: `GET /m/<number>` is answered as the driver wants it for that monitor, and the connection closed.

use std::io::{Error, ErrorKind, Result};
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Behaviour, Farm};

/// A monitor's request is far smaller.
const REQUEST_BYTES_MAX: usize = 2_048;
const WELL: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
const FAILING: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\ndown\n";

pub(super) async fn serve(farm: &Rc<Farm>, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
    let mut request = [0; REQUEST_BYTES_MAX];
    let mut filled = 0;
    while !ends(request.get(..filled).unwrap_or_default()) {
        let read = stream.read(request.get_mut(filled..).unwrap_or_default()).await?;
        if read == 0 {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        filled += read;
    }
    let number = number(&request).ok_or(ErrorKind::InvalidData)?;
    match farm.visited(number) {
        Behaviour::Up => stream.write_all(WELL).await?,
        Behaviour::Down => stream.write_all(FAILING).await?,
        Behaviour::Slow => {
            tokio::time::sleep(farm.slow.get()).await;
            stream.write_all(WELL).await?;
        }
        Behaviour::Hang => {
            // Until the client gives up.
            while stream.read(&mut request).await? > 0 {}
            return Ok(());
        }
    }
    stream.shutdown().await
}

fn ends(request: &[u8]) -> bool {
    request.ends_with(b"\r\n\r\n")
}

/// The number in `GET /m/123 HTTP/1.1`.
fn number(request: &[u8]) -> Option<u32> {
    let from = request.iter().position(|byte| *byte == b' ')?;
    let digits = request.get(from..)?.strip_prefix(b" /m/")?;
    parse(digits)
}

/// The decimal number that `bytes` begin with.
pub(super) fn parse(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
    let mut any = false;
    let number = digits.fold(0_u32, |number, digit| {
        any = true;
        number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
    });
    any.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monitor_is_read_from_the_path_of_any_method() {
        assert_eq!(number(b"GET /m/1203 HTTP/1.1\r\n\r\n"), Some(1_203));
        assert_eq!(number(b"HEAD /m/0?probe HTTP/1.1\r\n\r\n"), Some(0));
        assert_eq!(number(b"GET /m/ HTTP/1.1\r\n\r\n"), None);
        assert_eq!(number(b"GET /other HTTP/1.1\r\n\r\n"), None);
    }
}
