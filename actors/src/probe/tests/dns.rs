//! A name server of our own, so that each answer of a resolver is met.

use super::world::{Server, check, phases, reason, response, say};
use crate::egress::EgressOptions;
use pulse_domain::{address::AddressPolicy, outcome::Reason, verdict::Observation};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::UdpSocket;

const TYPE_A: u16 = 1;

/// Answers by the first label of the name asked for.
async fn name_server() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0_u8; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = answer(&buffer[..length]) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    });
    address
}

/// RFC 1035 §4: the header, the question as it came, and address records that point back to the question's name.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let end = 12 + query[12..].iter().position(|byte| *byte == 0)? + 5;
    let label = String::from_utf8(query[13..13 + usize::from(query[12])].to_vec()).unwrap().to_ascii_lowercase();
    let asks_for_v4 = u16::from_be_bytes([query[end - 4], query[end - 3]]) == TYPE_A;
    let (code, addresses): (u8, &[Ipv4Addr]) = match label.as_str() {
        "absent" => (3, &[]),
        "failing" => (2, &[]),
        "refusing" => (5, &[]),
        "empty" => (0, &[]),
        "home" => (0, &[Ipv4Addr::LOCALHOST]),
        "inside" => (0, &[Ipv4Addr::new(10, 0, 0, 1)]),
        "mixed" => (0, &[Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1)]),
        _silent => return None,
    };
    let addresses = if asks_for_v4 { addresses } else { &[] };
    let mut message = query[..2].to_vec();
    message.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(addresses.len()).unwrap(), 0, 0, 0, 0]);
    message.extend(&query[12..end]);
    for address in addresses {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        message.extend(address.octets());
    }
    Some(message)
}

async fn look_up(host: &str, port: u16) -> Observation {
    let options = EgressOptions {
        policy: AddressPolicy { allow: vec!["127.0.0.1/32".parse().unwrap()] },
        resolvers: vec![name_server().await],
        ..EgressOptions::default()
    };
    let url = format!("http://{host}.pulse.example:{port}/");
    check(&options, json!({"type": "http", "url": url}), json!({"timeout_ms": 3_000})).await
}

#[tokio::test]
async fn a_name_is_resolved_by_the_servers_that_the_operator_named() {
    let server = Server::start(|_| say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let observation = look_up("home", server.address.port()).await;
    assert_eq!(response(&observation).status_code, Some(200));
    assert_eq!(phases(observation.timings), [true, true, false, true]);
    assert!(server.heads.lock().unwrap()[0].contains("home.pulse.example"), "the name stays in the request");
}

#[tokio::test]
async fn each_answer_of_a_name_server_has_its_reason() {
    for (host, expected) in [
        ("absent", Reason::DnsNxdomain),
        ("failing", Reason::DnsServfail),
        ("refusing", Reason::DnsRefused),
        ("empty", Reason::DnsNoRecords),
        ("silent", Reason::DnsTimeout),
    ] {
        let observation = look_up(host, 80).await;
        assert_eq!(reason(&observation), expected, "{host}: {:?}", observation.result);
        assert_eq!(phases(observation.timings), [false; 4]);
    }
}

#[tokio::test]
async fn one_forbidden_address_forbids_the_name() {
    let server = Server::start(|_| say("HTTP/1.1 200 OK\r\n\r\n")).await;
    for host in ["inside", "mixed"] {
        assert_eq!(reason(&look_up(host, server.address.port()).await), Reason::BlockedTarget, "{host}");
    }
    assert!(server.heads.lock().unwrap().is_empty());
}
