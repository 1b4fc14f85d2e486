//! Certificates, protocols, and HTTP over TLS in both its versions.

use pulse_bench::scripted::{
    Target,
    http::{Act, answer},
    http2, tcp, tls,
};
use pulse_domain::outcome::{Certificate, Outcome, Reason};
use serde_json::{Value, json};

use super::{
    table::{Row, row},
    world::{HOME, World},
};

pub(super) async fn rows(world: &World) -> Vec<Row> {
    let mut rows = certificates(world).await;
    rows.extend(handshakes(world).await);
    rows.extend(redirects(world).await);
    rows.extend(second_version(world).await);
    rows
}

fn greet(_head: &str) -> Act {
    Act::Say(answer("200 OK", "", b"hello"))
}

fn get(port: u16) -> Value {
    json!({"type": "http", "url": format!("https://{HOME}:{port}/")})
}

fn shake(port: u16) -> Value {
    json!({"type": "tls", "host": HOME, "port": port})
}

const SECURED: &str = "dns connect tls";
const WHOLE: &str = "dns connect tls first_byte";

fn certificate(outcome: &Outcome) -> Option<&Certificate> {
    outcome.facts.as_ref()?.certificate.as_ref()
}

fn shows_home(outcome: &Outcome) -> bool {
    certificate(outcome).is_some_and(|shown| shown.names == [HOME] && shown.chain_length == 1)
}

fn speaks_1_3(outcome: &Outcome) -> bool {
    shows_home(outcome) && certificate(outcome).is_some_and(|shown| shown.protocol == "TLSv1.3")
}

async fn certificates(world: &World) -> Vec<Row> {
    let serve = async |identity| world.keep(tls::serve(identity, greet).await.unwrap());
    let by = |authority: &tls::Authority, name: &str, from, to| authority.sign(name, from, to).unwrap();
    let good = serve(by(&world.authority, HOME, 2020, 4000)).await;
    let expired = serve(by(&world.authority, HOME, 2020, 2021)).await;
    let early = serve(by(&world.authority, HOME, 3999, 4000)).await;
    let other = serve(by(&world.authority, "other.example", 2020, 4000)).await;
    let stranger = serve(by(&world.stranger, HOME, 2020, 4000)).await;
    let own = serve(tls::Identity::self_signed(HOME).unwrap()).await;
    let echo = world.keep(tls::echoing(by(&world.authority, HOME, 2020, 4000)).await.unwrap());
    let faulty = |name: &'static str, check: Value, reason| row(name, check).fails(reason).after("dns connect");
    let days = |days: i64| json!([{"source": "certificate_days_left", "comparison": "greater_than", "value": days}]);
    let unverified = |port| {
        let mut check = get(port);
        check["verify_tls"] = json!(false);
        check
    };
    vec![
        row("https", get(good)).after(WHOLE).status(200).learning(speaks_1_3),
        row("tls", shake(good)).after(SECURED).learning(speaks_1_3).says("TLSv1.3"),
        row("days enough", shake(good)).asserting(days(1_000)).after(SECURED),
        row("days too few", shake(good)).asserting(days(9_999_999)).fails(Reason::AssertionFailed).after(SECURED),
        faulty("expired", get(expired), Reason::TlsExpired).learning(shows_home),
        faulty("not yet valid", get(early), Reason::TlsNotYetValid).learning(shows_home),
        faulty("for another name", get(other), Reason::TlsHostnameMismatch)
            .learning(|outcome| certificate(outcome).is_some_and(|shown| shown.names == ["other.example"])),
        faulty("by an unknown authority", get(stranger), Reason::TlsUntrusted).learning(shows_home),
        faulty("self-signed", get(own), Reason::TlsUntrusted).learning(shows_home),
        faulty("expired, seen by tls", shake(expired), Reason::TlsExpired).learning(shows_home),
        faulty("for another name, seen by tls", shake(other), Reason::TlsHostnameMismatch),
        faulty("self-signed, seen by tls", shake(own), Reason::TlsUntrusted).learning(shows_home),
        faulty("expired, seen by tcp", with_tls(expired), Reason::TlsExpired).learning(shows_home),
        row("expired and not verified", unverified(expired)).after(WHOLE).status(200).learning(shows_home),
        row("self-signed and not verified", unverified(own)).after(WHOLE).status(200),
        row(
            "tcp over TLS",
            json!({"type": "tcp", "host": HOME, "port": echo, "tls": true, "send": "a", "expect": "a"}),
        )
        .after(WHOLE),
    ]
}

fn with_tls(port: u16) -> Value {
    json!({"type": "tcp", "host": HOME, "port": port, "tls": true})
}

async fn handshakes(world: &World) -> Vec<Row> {
    let keep = |target: std::io::Result<Target>| world.keep(target.unwrap());
    let refusing = keep(tls::refusing_versions().await);
    let old = keep(tls::of_the_nineties().await);
    let silent = keep(tcp::silent().await);
    let closing = keep(tls::closing().await);
    let resetting = keep(tcp::resetting().await);
    let plain = keep(tcp::greeting(b"220 mail.example ESMTP\r\n").await);
    let faulty = |name: &'static str, check: Value, reason| row(name, check).fails(reason).after("dns connect");
    vec![
        faulty("refuses all versions", get(refusing), Reason::TlsProtocolVersion),
        faulty("speaks TLS 1.0", get(old), Reason::TlsProtocolVersion),
        faulty("speaks TLS 1.0, seen by tls", shake(old), Reason::TlsProtocolVersion),
        row("silent in the handshake", get(silent)).hangs(Reason::TlsHandshake).after("dns connect"),
        faulty("closes in the handshake", get(closing), Reason::TlsHandshake),
        faulty("resets in the handshake", get(resetting), Reason::ConnectReset),
        faulty("speaks no TLS", shake(plain), Reason::TlsHandshake),
    ]
}

async fn redirects(world: &World) -> Vec<Row> {
    let identity = || world.authority.sign(HOME, 2020, 4000).unwrap();
    let down =
        tls::serve(identity(), |_| Act::Say(answer("302 Found", "location: http://home.pulse.example/\r\n", b"")));
    let down = world.keep(down.await.unwrap());
    let good = world.keep(tls::serve(identity(), greet).await.unwrap());
    let location = format!("location: https://{HOME}:{good}/\r\n");
    let up = pulse_bench::scripted::http::serve(move |_| Act::Say(answer("301 Moved Permanently", &location, b"")));
    let up = world.keep(up.await.unwrap());
    vec![
        row("a redirect down to plain HTTP", get(down)).fails(Reason::InvalidResponse).after(WHOLE).status(302),
        row("a redirect up to https", json!({"type": "http", "url": format!("http://127.0.0.1:{up}/")}))
            .after(WHOLE)
            .status(200)
            .learning(speaks_1_3),
    ]
}

async fn second_version(world: &World) -> Vec<Row> {
    let serve = async |act| {
        let identity = world.authority.sign(HOME, 2020, 4000).unwrap();
        world.keep(http2::serve(identity, act).await.unwrap())
    };
    let good = serve(http2::Act::Answer(200, "hello")).await;
    let broken = serve(http2::Act::Answer(500, "oh")).await;
    let hanging = serve(http2::Act::Hang).await;
    let half = serve(http2::Act::HangInBody).await;
    let cut = serve(http2::Act::ResetInBody).await;
    let rude = serve(http2::Act::Reset).await;
    let hello = json!([{"source": "body", "comparison": "equals", "value": "hello"}]);
    let mut posted = get(good);
    posted["method"] = json!("POST");
    posted["body"] = json!("x".repeat(60_000));
    vec![
        row("HTTP/2", get(good)).asserting(hello).after(WHOLE).status(200).learning(speaks_1_3),
        row("HTTP/2 with a body", posted).after(WHOLE).status(200),
        row("HTTP/2 500", get(broken)).fails(Reason::StatusCode).after(WHOLE).status(500),
        row("HTTP/2 hangs before the answer", get(hanging)).hangs(Reason::TimeoutFirstByte).after(SECURED),
        row("HTTP/2 hangs in the body", get(half)).hangs(Reason::TimeoutBody).after(WHOLE).status(200),
        row("HTTP/2 cut in the body", get(cut)).fails(Reason::TruncatedBody).after(WHOLE).status(200),
        row("HTTP/2 resets the stream", get(rude)).fails(Reason::InvalidResponse).after(SECURED),
    ]
}
