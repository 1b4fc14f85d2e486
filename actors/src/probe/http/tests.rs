//! The exchange against an oracle: hyper's client reads the same bytes, whole or cut off anywhere, and finds the same.

use super::{answer::Wanted, exchange::exchange};
use crate::probe::PhaseClock;
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use pulse_domain::monitor::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

const ALL: Wanted = Wanted { headers: true, body: true };

/// Plays a server that hears a request, says `pieces`, and hangs up.
fn server(pieces: Vec<Vec<u8>>) -> DuplexStream {
    let (client, mut server) = duplex(64);
    tokio::spawn(async move {
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            if server.read_buf(&mut heard).await.unwrap_or(0) == 0 {
                return;
            }
        }
        for piece in pieces {
            if server.write_all(&piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    client
}

/// The status, and the body if it was whole.
type Read = Option<(u16, Vec<u8>)>;

async fn ours(pieces: Vec<Vec<u8>>, method: Method) -> Read {
    let request = format!("{} / HTTP/1.1\r\nhost: a.example\r\n\r\n", method.as_str()).into_bytes();
    let mut clock = PhaseClock::start(Duration::from_mins(1));
    let answer = exchange(server(pieces), request, method, ALL, &mut clock).await.ok()?;
    Some((answer.response.status_code?, answer.response.body))
}

async fn oracle(pieces: Vec<Vec<u8>>, method: Method) -> Read {
    let (mut sender, connection) = http1::handshake(TokioIo::new(server(pieces))).await.ok()?;
    tokio::spawn(connection);
    let request = hyper::Request::builder().method(method.as_str()).uri("/").header("host", "a.example");
    let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.into_body().collect().await.ok()?.to_bytes().to_vec()))
}

#[derive(Clone, Debug)]
struct Said {
    method: Method,
    bytes: Vec<u8>,
    cuts: Vec<usize>,
}

impl Said {
    fn pieces(&self) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in &self.cuts {
            let to = (from + cut).min(self.bytes.len());
            pieces.push(self.bytes[from..to].to_vec());
            from = to;
        }
        pieces.push(self.bytes[from..].to_vec());
        pieces
    }
}

fn framed(framing: u8, body: &[u8], sizes: &[usize]) -> Vec<u8> {
    match framing {
        0 => [format!("content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat(),
        1 => {
            let mut text = b"transfer-encoding: chunked\r\n\r\n".to_vec();
            let mut rest = body;
            for size in sizes.iter().copied().chain([usize::MAX]) {
                let (chunk, left) = rest.split_at(size.clamp(1, 4_000).min(rest.len()));
                text.extend(format!("{:X};note=\"x\"\r\n", chunk.len()).bytes());
                text.extend_from_slice(chunk);
                text.extend(b"\r\n");
                rest = left;
                if chunk.is_empty() {
                    return [&text[..text.len() - 2], b"x-trailer: y\r\n\r\n"].concat();
                }
            }
            text
        }
        _ => [b"\r\n", body].concat(),
    }
}

prop_compose! {
    fn said()(
        method in prop_oneof![4 => Just(Method::Get), 1 => Just(Method::Head)],
        status in prop_oneof![4 => Just(200_u16), 1 => Just(204), 1 => Just(304), 1 => Just(404), 1 => Just(500)],
        interim in prop::bool::weighted(0.2),
        framing in 0_u8..3,
        body in prop::collection::vec(any::<u8>(), 0..300),
        sizes in prop::collection::vec(1_usize..100, 0..5),
        cuts in prop::collection::vec(0_usize..80, 0..12),
        kept in prop_oneof![3 => Just(1.0), 1 => 0.0_f64..1.0],
    ) -> Said {
        let mut bytes = if interim { b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".to_vec() } else { Vec::new() };
        bytes.extend(format!("HTTP/1.1 {status} Word\r\nx-note: yes\r\n").bytes());
        bytes.extend(framed(framing, &body, &sizes));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a short text")]
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        Said { method, bytes, cuts }
    }
}

proptest! {
    #[test]
    fn what_hyper_reads_we_read(said in said()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (ours, oracle) = runtime.block_on(async {
            (ours(said.pieces(), said.method).await, oracle(said.pieces(), said.method).await)
        });
        prop_assert_eq!(ours, oracle);
    }
}
