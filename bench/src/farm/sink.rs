//! The receiver of webhooks: it takes every message, and notes when it came and about which monitor.

use std::io::{Error, ErrorKind, Result};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::Farm;
use crate::clock;

const MESSAGE_BYTES_MAX: usize = 1 << 20;
const TAKEN: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When it had been read.
    pub at_us: i64,
    /// `monitor.down`, …
    pub event: String,
    /// The monitor's id; absent in a message about several.
    pub monitor: Option<String>,
}

pub(super) async fn serve(farm: &Rc<Farm>, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
    let mut message = Vec::new();
    let body = loop {
        if let Some(body) = body(&message) {
            break body;
        }
        if message.len() > MESSAGE_BYTES_MAX || stream.read_buf(&mut message).await? == 0 {
            return Err(Error::from(ErrorKind::InvalidData));
        }
    };
    let delivery = read(body, clock::now_us()).ok_or(ErrorKind::InvalidData)?;
    farm.deliveries.borrow_mut().push(delivery);
    stream.write_all(TAKEN).await?;
    stream.shutdown().await
}

/// The body, once all of it is there.
fn body(message: &[u8]) -> Option<&[u8]> {
    let head = message.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(message.get(..head)?).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    message.get(head + 4..head + 4 + length)
}

fn read(body: &[u8], at_us: i64) -> Option<Delivery> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(Delivery { at_us, event: text("/type")?, monitor: text("/data/monitor/id") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_there_when_all_its_bytes_are() {
        let message = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345";
        assert_eq!(body(message), Some(&b"12345"[..]));
        assert_eq!(body(&message[..message.len() - 1]), None);
        assert_eq!(body(b"POST / HTTP/1.1\r\n"), None);
    }

    #[test]
    fn a_message_tells_its_event_and_monitor() {
        let read = read(br#"{"type":"monitor.down","data":{"monitor":{"id":"a"}}}"#, 4).unwrap();
        assert_eq!(read, Delivery { at_us: 4, event: "monitor.down".to_owned(), monitor: Some("a".to_owned()) });
    }
}
