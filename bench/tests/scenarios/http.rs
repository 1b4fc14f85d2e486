//! Web servers over plain HTTP, and the way to them.

use flate2::{Compression, write::GzEncoder};
use pulse_bench::scripted::{
    http::{Act, answer, serve, serve_at},
    tcp, tls,
};
use pulse_domain::{limits::BODY_BYTES_MAX, outcome::Reason};
use serde_json::{Value, json};
use std::{io::Write as _, net::Ipv6Addr, time::Duration};

use super::{
    table::{Row, Way, row},
    world::{HOME, World},
};

/// How long the slow server takes; well above the bound that makes it slow.
const LATE: Duration = Duration::from_millis(40);

pub(super) async fn rows(world: &World) -> Vec<Row> {
    let web = world.keep(serve(script).await.unwrap());
    let mut rows = answers(web);
    rows.extend(hangs_and_ends(web));
    rows.extend(framings(web));
    rows.extend(redirects(web));
    rows.extend(bodies(web));
    rows.extend(ways(world, web).await);
    rows
}

fn get(port: u16, path: &str) -> Value {
    json!({"type": "http", "url": format!("http://127.0.0.1:{port}/{path}")})
}

fn with(mut check: Value, field: &str, value: impl Into<Value>) -> Value {
    check[field] = value.into();
    check
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// What the web server does, by the path that is asked for.
fn script(head: &str) -> Act {
    let (method, path) = head.split_once(" /").unwrap_or_default();
    let path = path.split([' ', '?']).next().unwrap_or_default();
    let say = |text: &str| Act::Say(text.as_bytes().to_vec());
    let leads = |to: &str| Act::Say(answer("302 Found", &format!("location: {to}\r\n"), b""));
    match path {
        "status/404" => Act::Say(answer("404 Not Found", "", b"no")),
        "status/500" => Act::Say(answer("500 Internal Server Error", "", b"oh")),
        "status/503" => Act::Say(answer("503 Service Unavailable", "retry-after: 9\r\n", b"later")),
        "status/204" => say("HTTP/1.1 204 No Content\r\n\r\n"),
        "head-disagrees" if method == "HEAD" => Act::Say(answer("405 Method Not Allowed", "", b"")),
        "secret" if head.contains("uthorization: Basic cHJvYmU6cHc=") => Act::Say(answer("200 OK", "", b"in")),
        "secret" => Act::Say(answer("401 Unauthorized", "www-authenticate: Basic\r\n", b"")),
        "silent" => Act::SayAndHang(Vec::new()),
        "half-head" => Act::SayAndHang(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        "half-body" => Act::SayAndHang(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()),
        "half-chunk" => Act::SayAndHang(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf".to_vec()),
        "late" => Act::SayLate(LATE, answer("200 OK", "", b"late")),
        "gone" => say(""),
        "gone-in-head" => say("HTTP/1.1 200 OK\r\nx-note: "),
        "reset" => Act::SayAndReset(Vec::new()),
        "cut-length" => say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
        "cut-chunk" => say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf"),
        "cut-chunks" => say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        "two-lengths" => say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello"),
        "worded-length" => say("HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nhello"),
        "negative-length" => say("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello"),
        "bad-chunk" => say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"),
        "bad-chunk-end" => say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n"),
        "garbage" => say("\u{1}\u{2}\u{3}\r\n\r\n"),
        "word-status" => say("HTTP/1.1 okay\r\n\r\n"),
        "status-777" => say("HTTP/1.1 777 Lucky\r\n\r\n"),
        "http-0.9" => say("<html>hello</html>\n"),
        "upgrade" => say("HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\n\r\n"),
        "hints" => say("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        "big-head" => say(&format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("x: {}\r\n", "y".repeat(1_000)).repeat(90))),
        "ring" => leads("/ring/2"),
        "ring/2" => leads("/ring"),
        "itself" => leads("/itself"),
        "to-metadata" => leads("http://169.254.169.254/latest"),
        "to-ftp" => leads("ftp://127.0.0.1/"),
        "to-credentials" => leads("http://user:pw@127.0.0.1/"),
        "html" => Act::Say(answer("200 OK", "content-type: text/html\r\n", b"<h1>Maintenance</h1>")),
        "json" => Act::Say(answer("200 OK", "content-type: application/json\r\n", br#"{"db":"ok","n":[1,2]}"#)),
        "huge" => Act::SayOn(
            b"HTTP/1.1 200 OK\r\n\r\n\
            lorem ipsum dolor sit amet, consectetur adipiscing elit"
                .repeat(400),
        ),
        "promised" => say(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY_BYTES_MAX + 1)),
        "bomb" => Act::Say(answer("200 OK", "content-encoding: gzip\r\n", &gzip(&vec![0; 8 * BODY_BYTES_MAX]))),
        "gzip" => Act::Say(answer("200 OK", "content-encoding: gzip\r\n", &gzip(b"pressed"))),
        "bad-gzip" => Act::Say(answer("200 OK", "content-encoding: gzip\r\n", b"not gzip at all")),
        "cut-gzip" => Act::Say(answer("200 OK", "content-encoding: gzip\r\n", &gzip(b"pressed")[..12])),
        "zstd" => Act::Say(answer("200 OK", "content-encoding: zstd\r\n", b"who knows")),
        stairs if stairs.starts_with("stairs/") => {
            let step: u32 = stairs.split('/').nth(1).and_then(|step| step.parse().ok()).unwrap_or(0);
            leads(&format!("/stairs/{}", step + 1))
        }
        _ => Act::Say(answer("200 OK", "x-note: yes\r\n", b"hello")),
    }
}

const WHOLE: &str = "connect first_byte";

fn answers(web: u16) -> Vec<Row> {
    let secret = json!({"type": "basic", "username": "probe", "password": "pw"});
    let wrong = json!({"type": "bearer", "token": "t0ken"});
    vec![
        row("200", get(web, "")).after(WHOLE).status(200),
        row("204", get(web, "status/204")).after(WHOLE).status(204),
        row("404", get(web, "status/404")).fails(Reason::StatusCode).after(WHOLE).status(404),
        row("500", get(web, "status/500")).fails(Reason::StatusCode).after(WHOLE).status(500),
        row("503", get(web, "status/503")).fails(Reason::StatusCode).after(WHOLE).status(503),
        row("500 as expected", get(web, "status/500"))
            .asserting(json!([{"source": "status_code", "comparison": "equals", "value": 500}]))
            .after(WHOLE)
            .status(500),
        row("200 where 201 is expected", get(web, ""))
            .asserting(json!([{"source": "status_code", "comparison": "equals", "value": 201}]))
            .fails(Reason::StatusCode)
            .after(WHOLE)
            .status(200),
        row("HEAD disagrees with GET", with(get(web, "head-disagrees"), "method", "HEAD"))
            .fails(Reason::StatusCode)
            .after(WHOLE)
            .status(405),
        row("GET disagrees with HEAD", get(web, "head-disagrees")).after(WHOLE).status(200),
        row("HEAD of a body", with(get(web, "promised"), "method", "HEAD")).after(WHOLE).status(200),
        row("credentials", with(get(web, "secret"), "auth", secret)).after(WHOLE).status(200),
        row("wrong credentials", with(get(web, "secret"), "auth", wrong))
            .fails(Reason::StatusCode)
            .after(WHOLE)
            .status(401),
        row("hints before the answer", get(web, "hints")).after(WHOLE).status(200),
        row("slow", get(web, "late")).slower_than_ms(5).after(WHOLE).status(200).says("slower than 5 ms"),
        row("too slow for an assertion", get(web, "late"))
            .asserting(json!([{"source": "latency_ms", "comparison": "less_than", "value": 5}]))
            .fails(Reason::AssertionFailed)
            .after(WHOLE)
            .status(200),
    ]
}

fn hangs_and_ends(web: u16) -> Vec<Row> {
    vec![
        row("hangs before the first byte", get(web, "silent")).hangs(Reason::TimeoutFirstByte).after("connect"),
        row("hangs in the headers", get(web, "half-head")).hangs(Reason::TimeoutBody).after(WHOLE),
        row("hangs in the body", get(web, "half-body")).hangs(Reason::TimeoutBody).after(WHOLE).status(200),
        row("hangs in a chunk", get(web, "half-chunk")).hangs(Reason::TimeoutBody).after(WHOLE).status(200),
        row("closes without an answer", get(web, "gone"))
            .fails(Reason::InvalidResponse)
            .after("connect")
            .says("without an answer"),
        row("closes in the headers", get(web, "gone-in-head"))
            .fails(Reason::InvalidResponse)
            .after(WHOLE)
            .says("in the middle of the headers"),
        row("resets", get(web, "reset")).fails(Reason::ConnectReset).after("connect"),
        row("cut short of its length", get(web, "cut-length")).fails(Reason::TruncatedBody).after(WHOLE).status(200),
        row("cut inside a chunk", get(web, "cut-chunk")).fails(Reason::TruncatedBody).after(WHOLE).status(200),
        row("cut between chunks", get(web, "cut-chunks")).fails(Reason::TruncatedBody).after(WHOLE).status(200),
    ]
}

fn framings(web: u16) -> Vec<Row> {
    let senseless =
        |name: &'static str, path: &str| row(name, get(web, path)).fails(Reason::InvalidResponse).after(WHOLE);
    vec![
        senseless("two lengths", "two-lengths"),
        senseless("a length in words", "worded-length"),
        senseless("a negative length", "negative-length"),
        senseless("a chunk without a size", "bad-chunk").status(200),
        senseless("a chunk longer than its size", "bad-chunk-end").status(200),
        senseless("a garbage status line", "garbage"),
        senseless("a status in words", "word-status"),
        senseless("a status that does not exist", "status-777"),
        senseless("HTTP/0.9", "http-0.9"),
        senseless("another protocol that nobody asked for", "upgrade"),
        senseless("headers too large", "big-head"),
    ]
}

fn redirects(web: u16) -> Vec<Row> {
    let refused = |name: &'static str, path: &str, reason| row(name, get(web, path)).fails(reason).after(WHOLE);
    vec![
        refused("a redirect loop", "ring", Reason::RedirectLoop).status(302),
        refused("a redirect to itself", "itself", Reason::RedirectLoop).status(302),
        refused("a long chain of redirects", "stairs/0", Reason::TooManyRedirects).status(302),
        refused("a redirect to another scheme", "to-ftp", Reason::InvalidResponse).status(302),
        refused("a redirect with credentials", "to-credentials", Reason::InvalidResponse).status(302),
        refused("a redirect to a blocked address", "to-metadata", Reason::BlockedTarget),
        row("a redirect that is not followed", with(get(web, "ring"), "follow_redirects", false))
            .after(WHOLE)
            .status(302),
    ]
}

fn bodies(web: u16) -> Vec<Row> {
    let body = |comparison: &str, value: &str| json!([{"source": "body", "comparison": comparison, "value": value}]);
    let json = |path: &str, value: Value| json!([{"source": "json", "property": path, "comparison": "equals", "value": value}]);
    let header = json!([{"source": "header", "property": "X-Note", "comparison": "equals", "value": "no"}]);
    let kept = json!([{"source": "header", "property": "X-Note", "comparison": "equals", "value": "yes"},
        {"source": "body", "comparison": "matches", "value": "^hel+o$"}]);
    let fails = |row: Row, reason| row.fails(reason).after(WHOLE).status(200);
    vec![
        row("assertions that hold", get(web, "")).asserting(kept).after(WHOLE).status(200),
        row("JSON that holds", get(web, "json")).asserting(json("$.n[1]", json!(2))).after(WHOLE).status(200),
        fails(
            row("a wrong body with 200", get(web, "")).asserting(body("contains", "welcome")),
            Reason::AssertionFailed,
        ),
        fails(row("a wrong header with 200", get(web, "")).asserting(header), Reason::AssertionFailed),
        fails(
            row("a JSON API answers HTML", get(web, "html")).asserting(json("$.db", json!("ok"))),
            Reason::AssertionFailed,
        ),
        fails(
            row("a JSON path leads nowhere", get(web, "json")).asserting(json("$.cache", json!("ok"))),
            Reason::AssertionFailed,
        ),
        row("204 where a body is expected", get(web, "status/204"))
            .asserting(json!([{"source": "body", "comparison": "not_empty"}]))
            .fails(Reason::AssertionFailed)
            .after(WHOLE)
            .status(204),
        fails(row("a huge body", get(web, "huge")), Reason::BodyTooLarge),
        fails(
            row("a huge body that somebody looks at", get(web, "huge")).asserting(body("contains", "x")),
            Reason::BodyTooLarge,
        ),
        fails(row("a promised huge body", get(web, "promised")), Reason::BodyTooLarge),
        fails(row("a compressed bomb", get(web, "bomb")), Reason::BodyTooLarge),
        fails(row("a damaged compressed body", get(web, "bad-gzip")), Reason::InvalidResponse),
        fails(row("a compressed body cut short", get(web, "cut-gzip")), Reason::InvalidResponse),
        fails(
            row("a coding not asked for", get(web, "zstd")).asserting(body("contains", "x")),
            Reason::InvalidResponse,
        ),
        row("a compressed body", get(web, "gzip")).asserting(body("equals", "pressed")).after(WHOLE).status(200),
    ]
}

async fn ways(world: &World, web: u16) -> Vec<Row> {
    let refusing = world.keep(tcp::refusing().unwrap());
    let full = world.keep(tcp::full().await.unwrap());
    let banner = world.keep(tcp::greeting(b"SSH-2.0-OpenSSH_9.2p1\r\n").await.unwrap());
    let identity = world.authority.sign(HOME, 2020, 4000).unwrap();
    let secured = world.keep(tls::serve(identity, script).await.unwrap());
    let named = |name: &str| json!({"type": "http", "url": format!("http://{name}.pulse.example:{web}/")});
    let two_lines = with(get(web, ""), "headers", json!({"X-Key": "a\r\nX-More: b"}));
    let blocked = |name: &'static str, check: Value| {
        row(name, check).way(Way::Strict).fails(Reason::BlockedTarget).says("destination not allowed")
    };
    let mut rows = vec![
        row("by its name", named("home")).after("dns connect first_byte").status(200),
        row("an unknown host", named("absent")).fails(Reason::DnsNxdomain),
        row("a host whose name server fails", named("failing")).fails(Reason::DnsServfail),
        row("a host whose name server refuses", named("refusing")).fails(Reason::DnsRefused),
        row("a host without an address", named("empty")).fails(Reason::DnsNoRecords),
        row("a host whose name server is silent", named("silent")).hangs(Reason::DnsTimeout),
        row("a host that is an alias of nothing", named("dangling")).fails(Reason::DnsNxdomain),
        row("a host that is an alias without an address", named("stranded")).fails(Reason::DnsNoRecords),
        row("the node's name server is gone", named("home")).way(Way::Cut).fails(Reason::VantageLost),
        blocked("a blocked literal", get(web, "")),
        blocked("a blocked literal in disguise", json!({"type": "http", "url": "http://[::ffff:127.0.0.1]/"})),
        blocked("a blocked name", named("inside")),
        row("a name with one blocked address", named("mixed")).fails(Reason::BlockedTarget),
        row("connection refused", get(refusing, "")).fails(Reason::ConnectRefused),
        row("connection never made", get(full, "")).hangs(Reason::ConnectTimeout),
        row("no way to the address", json!({"type": "http", "url": "http://224.0.0.1/"})).fails(Reason::Unreachable),
        row("another protocol's banner", get(banner, "")).fails(Reason::InvalidResponse).after(WHOLE),
        row("TLS on a plain port", json!({"type": "http", "url": format!("https://127.0.0.1:{banner}/")}))
            .fails(Reason::TlsHandshake)
            .after("connect"),
        row("plain HTTP on a TLS port", get(secured, "")).fails(Reason::InvalidResponse).after(WHOLE),
        row("a field that cannot be sent", two_lines).fails(Reason::InternalError).after("connect"),
    ];
    // Machines without IPv6 have no ::1 to listen at.
    if let Ok(six) = serve_at((Ipv6Addr::LOCALHOST, 0).into(), script).await {
        let port = world.keep(six);
        rows.push(
            row("IPv6", json!({"type": "http", "url": format!("http://[::1]:{port}/")})).after(WHOLE).status(200),
        );
    }
    rows
}
