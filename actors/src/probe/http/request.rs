//! A request: the same fields as the text of HTTP/1.1 and as the parts of HTTP/2.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Request, Uri};
use pulse_domain::{
    monitor::{Auth, HttpCheck, Method},
    outcome::Reason,
    verdict::Failure,
};
use url::Position;

use super::{Hop, body::ACCEPTED};
use crate::probe::failure;

/// How targets see Pulse.
const USER_AGENT: &str = concat!("Pulse/", env!("CARGO_PKG_VERSION"), " (uptime monitor)");
/// Most requests are shorter; the buffer then takes the answer.
const TEXT_BYTES: usize = 2_048;
/// Fields that say how a message is framed: only who frames it can know.
const OURS: [&str; 2] = ["content-length", "transfer-encoding"];
/// Fields of a connection, which HTTP/2 has no use for (RFC 9113 §8.2.2).
const OF_CONNECTIONS: [&str; 5] = ["connection", "keep-alive", "proxy-connection", "upgrade", "host"];

/// The request as HTTP/1.1 sends it (RFC 9112).
pub(super) fn text(check: &HttpCheck, hop: &Hop<'_>) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::with_capacity(TEXT_BYTES);
    let mut say = |parts: &[&str]| parts.iter().for_each(|part| text.extend_from_slice(part.as_bytes()));
    say(&[hop.method.as_str(), " ", path(hop), " HTTP/1.1\r\n"]);
    for_each_field(check, hop, |name, value| {
        say(&[name, ": ", value, "\r\n"]);
        Ok(())
    })?;
    if let Some(length) = content_length(hop) {
        say(&["content-length: ", &length.to_string(), "\r\n"]);
    }
    say(&["\r\n", hop.body.unwrap_or_default()]);
    Ok(text)
}

/// The request as HTTP/2 sends it (RFC 9113), without its body.
pub(super) fn parts(check: &HttpCheck, hop: &Hop<'_>) -> Result<Request<()>, Failure> {
    let mut request = Request::new(());
    let mut host = authority(hop).to_owned();
    let fields = request.headers_mut();
    for_each_field(check, hop, |name, value| {
        if name.eq_ignore_ascii_case("host") {
            value.clone_into(&mut host);
        }
        if OF_CONNECTIONS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
            return Ok(());
        }
        let parsed = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(name), Ok(mut value)) = parsed else { return Err(unsendable(name)) };
        // What the owner says may be a secret, and must not get into tables that outlive the request.
        value.set_sensitive(true);
        fields.append(name, value);
        Ok(())
    })?;
    if let Some(length) = content_length(hop) {
        fields.insert(http::header::CONTENT_LENGTH, length.into());
    }
    let uri = Uri::builder().scheme(hop.url.scheme()).authority(host).path_and_query(path(hop)).build();
    *request.uri_mut() = uri.map_err(|_| unsendable("host"))?;
    *request.method_mut() = http::Method::try_from(hop.method.as_str()).map_err(|_| unsendable("method"))?;
    Ok(request)
}

fn path<'a>(hop: &'a Hop<'_>) -> &'a str {
    &hop.url[Position::BeforePath..Position::AfterQuery]
}

fn authority<'a>(hop: &'a Hop<'_>) -> &'a str {
    &hop.url[Position::BeforeHost..Position::AfterPort]
}

/// A method that usually has a body says that it has none (RFC 9110 §8.6).
fn content_length(hop: &Hop<'_>) -> Option<usize> {
    let expected = matches!(hop.method, Method::Post | Method::Put | Method::Patch);
    hop.body.map(str::len).or_else(|| expected.then_some(0))
}

/// Every field but the length: ours, unless the owner gives another value, then the owner's.
fn for_each_field(
    check: &HttpCheck,
    hop: &Hop<'_>,
    mut say: impl FnMut(&str, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let overridden = |ours: &str| hop.home && check.headers.keys().any(|name| is(name, ours));
    let ours = [
        ("host", authority(hop)),
        ("user-agent", USER_AGENT),
        ("accept", "*/*"),
        ("accept-encoding", ACCEPTED),
        ("connection", "close"),
    ];
    for (name, value) in ours {
        if !overridden(name) {
            say(name, value)?;
        }
    }
    if !hop.home {
        return Ok(());
    }
    for (name, value) in &check.headers {
        let replaced = check.auth.is_some() && is(name, "authorization");
        if replaced || OURS.iter().any(|field| is(name, field)) {
            continue;
        }
        if !is_field(name, value) {
            return Err(unsendable(name));
        }
        say(name, value.trim())?;
    }
    match &check.auth {
        Some(Auth::Basic { username, password }) => {
            say("authorization", &format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
        }
        Some(Auth::Bearer { token }) if is_field("authorization", token) => {
            say("authorization", &format!("Bearer {}", token.trim()))
        }
        Some(Auth::Bearer { .. }) => Err(unsendable("authorization")),
        None => Ok(()),
    }
}

/// Whether this is one field and cannot become two lines (RFC 9110 §5).
fn is_field(name: &str, value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let visible = |byte: u8| byte == b'\t' || !byte.is_ascii_control();
    !name.is_empty() && name.bytes().all(token) && value.bytes().all(visible)
}

fn unsendable(what: &str) -> Failure {
    failure(Reason::InternalError, format!("the field {what:?} cannot be sent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use url::Url;

    fn asked(more: &Value, home: bool) -> Result<(String, Request<()>), Failure> {
        let mut said = json!({"url": "https://a.example:8443/p%20q?x=1#part"});
        for (name, value) in more.as_object().unwrap() {
            said[name] = value.clone();
        }
        let check: HttpCheck = serde_json::from_value(said).unwrap();
        let url = Url::parse(&check.url).unwrap();
        let hop = Hop { url, method: check.method, body: check.body.as_deref(), home };
        Ok((String::from_utf8(text(&check, &hop)?).unwrap(), parts(&check, &hop)?))
    }

    #[test]
    fn a_plain_request_says_who_asks_for_what() {
        let (text, parts) = asked(&json!({}), true).unwrap();
        let expected = format!(
            "GET /p%20q?x=1 HTTP/1.1\r\nhost: a.example:8443\r\nuser-agent: {USER_AGENT}\r\naccept: */*\r\n\
             accept-encoding: gzip, deflate, br\r\nconnection: close\r\n\r\n"
        );
        assert_eq!(text, expected);
        assert_eq!(parts.uri(), "https://a.example:8443/p%20q?x=1");
        assert!(!parts.headers().contains_key("connection") && !parts.headers().contains_key("host"));
    }

    #[test]
    fn what_the_owner_says_replaces_what_is_usual() {
        let said = json!({
            "method": "POST", "body": "data",
            "headers": {"Host": "other.example", "Accept-Encoding": "identity", "Content-Length": "9", "X-Key": "k"},
        });
        let (text, parts) = asked(&said, true).unwrap();
        for line in
            ["Host: other.example\r\n", "Accept-Encoding: identity\r\n", "X-Key: k\r\n", "content-length: 4\r\n"]
        {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.ends_with("\r\n\r\ndata") && !text.contains("gzip") && !text.contains("a.example:"));
        assert_eq!(parts.uri().authority().unwrap(), "other.example");
        assert_eq!(parts.headers()["content-length"], "4");
        assert!(asked(&json!({"method": "PUT"}), true).unwrap().0.contains("content-length: 0\r\n"));
    }

    #[test]
    fn credentials_go_home_only() {
        let basic = json!({"auth": {"type": "basic", "username": "Aladdin", "password": "open sesame"},
            "headers": {"Authorization": "another", "X-Key": "k"}});
        let (text, parts) = asked(&basic, true).unwrap();
        assert!(text.contains("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"), "RFC 7617 §2");
        assert!(!text.contains("another"));
        assert_eq!(parts.headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let (abroad, parts) = asked(&basic, false).unwrap();
        assert!(!abroad.contains("uthorization") && !abroad.contains("X-Key"));
        assert!(!parts.headers().contains_key("authorization"));
        let bearer = json!({"auth": {"type": "bearer", "token": "t0ken"}});
        assert!(asked(&bearer, true).unwrap().0.contains("authorization: Bearer t0ken\r\n"));
    }

    #[test]
    fn no_value_becomes_a_second_line() {
        for said in [
            json!({"headers": {"X-Key": "k\r\nX-More: m"}}),
            json!({"headers": {"X Key": "k"}}),
            json!({"auth": {"type": "bearer", "token": "t\r\nX-More: m"}}),
        ] {
            assert_eq!(asked(&said, true).unwrap_err().reason, Reason::InternalError, "{said}");
        }
    }
}
