//! Ports that are spoken to without a protocol.

use pulse_bench::scripted::{Target, tcp};
use pulse_domain::outcome::Reason;
use serde_json::{Value, json};

use super::{
    table::{Row, Way, row},
    world::{HOME, World},
};

pub(super) async fn rows(world: &World) -> Vec<Row> {
    let keep = |target: std::io::Result<Target>| world.keep(target.unwrap());
    let refusing = keep(tcp::refusing());
    let full = keep(tcp::full().await);
    let silent = keep(tcp::silent().await);
    let closing = keep(tcp::closing().await);
    let resetting = keep(tcp::resetting().await);
    let greeting = keep(tcp::greeting(b"+OK ready\r\n").await);
    let parting = keep(tcp::parting(b"-ERR bye\r\n").await);
    let endless = keep(tcp::endless(&[b'x'; 8_192]).await);
    let echoing = keep(tcp::echoing().await);
    let expects = |port: u16, text: &str| json!({"type": "tcp", "host": "127.0.0.1", "port": port, "expect": text});
    let asks = |port: u16, text: &str| json!({"type": "tcp", "host": "127.0.0.1", "port": port, "send": "PING", "expect": text});
    let both = "connect first_byte";
    vec![
        row("tcp connects", port(silent)).after("connect"),
        row("tcp by name", json!({"type": "tcp", "host": HOME, "port": silent})).after("dns connect"),
        row("tcp accepts and closes", port(closing)).after("connect"),
        row("tcp finds what it expects", expects(greeting, "OK")).after(both),
        row("tcp is answered", asks(echoing, "PING")).after(both),
        row("tcp refused", port(refusing)).fails(Reason::ConnectRefused),
        row("tcp never connected", port(full)).hangs(Reason::ConnectTimeout),
        row("tcp blocked", port(silent)).way(Way::Strict).fails(Reason::BlockedTarget),
        row("tcp silent", expects(silent, "OK")).hangs(Reason::TimeoutFirstByte).after("connect"),
        row("tcp says something else and waits", expects(greeting, "READY"))
            .hangs(Reason::TimeoutBody)
            .after(both)
            .says("+OK ready"),
        row("tcp says something else and leaves", expects(parting, "OK"))
            .fails(Reason::AssertionFailed)
            .after(both)
            .says("-ERR bye"),
        row("tcp leaves without a word", expects(closing, "OK")).fails(Reason::AssertionFailed).after("connect"),
        row("tcp resets", asks(resetting, "PONG")).fails(Reason::ConnectReset).after("connect"),
        row("tcp never stops", expects(endless, "OK")).fails(Reason::BodyTooLarge).after(both),
        row("tcp to no host", json!({"type": "tcp", "host": "not a host", "port": 1})).fails(Reason::DnsNxdomain),
    ]
}

fn port(port: u16) -> Value {
    json!({"type": "tcp", "host": "127.0.0.1", "port": port})
}
