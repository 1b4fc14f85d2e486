use super::world::{HANG_TIMEOUT_MS, check, laptop, phases, raw, reason, response};
use pulse_domain::{outcome::Reason, verdict::Observation};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn probe(address: SocketAddr, more: Value) -> Observation {
    probe_within(address, more, 10_000).await
}

async fn probe_within(address: SocketAddr, more: Value, timeout_ms: u32) -> Observation {
    let mut said = json!({"type": "tcp", "host": "127.0.0.1", "port": address.port()});
    for (name, value) in more.as_object().unwrap() {
        said[name] = value.clone();
    }
    check(&laptop(), said, json!({"timeout_ms": timeout_ms})).await
}

/// Answers what it hears with a PONG for a PING, in two pieces.
async fn game() -> SocketAddr {
    raw(|mut stream| async move {
        let mut heard = [0_u8; 4];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"PING");
        stream.write_all(b"+PO").await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(b"NG\r\n").await.unwrap();
        let _end = stream.read(&mut heard).await;
    })
    .await
}

#[tokio::test]
async fn connecting_alone_is_enough_unless_more_is_said() {
    let address = game().await;
    let observation = probe(address, json!({})).await;
    assert_eq!(response(&observation).status_code, None);
    assert_eq!(phases(observation.timings), [false, true, false, false]);
    let observation = probe(address, json!({"send": "PING", "expect": "PONG"})).await;
    assert!(response(&observation).body.starts_with(b"+PONG"));
    assert_eq!(phases(observation.timings), [false, true, false, true]);
}

#[tokio::test]
async fn what_does_not_answer_as_expected_has_its_reason() {
    let hangs = probe_within(game().await, json!({"send": "PING", "expect": "PANG"}), HANG_TIMEOUT_MS).await;
    assert_eq!(reason(&hangs), Reason::TimeoutBody);
    assert!(hangs.result.unwrap_err().detail.contains("+PONG"));
    let silent = probe_within(game().await, json!({"expect": "PONG"}), HANG_TIMEOUT_MS).await;
    assert_eq!(reason(&silent), Reason::TimeoutFirstByte);
    let closes = raw(|mut stream| async move { stream.write_all(b"-ERR").await.unwrap() }).await;
    assert_eq!(reason(&probe(closes, json!({"expect": "PONG"})).await), Reason::AssertionFailed);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(reason(&probe(nobody, json!({})).await), Reason::ConnectRefused);
    let babble = raw(|mut stream| async move { while stream.write_all(&[b'x'; 8_192]).await.is_ok() {} }).await;
    let observation = check(
        &laptop(),
        json!({"type": "tcp", "host": "127.0.0.1", "port": babble.port(), "expect": "PONG"}),
        json!({}),
    )
    .await;
    assert_eq!(reason(&observation), Reason::BodyTooLarge);
}
