use super::world::{Act, Server, check, get, laptop, phases, reason, response, say};
use crate::egress::EgressOptions;
use pulse_domain::{limits::BODY_BYTES_MAX, outcome::Reason};
use serde_json::json;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-note: yes\r\n\r\nhello";

#[tokio::test]
async fn an_answer_comes_back_whole_with_its_phases() {
    let server = Server::start(|_| say(OK)).await;
    let seen = json!({"assertions": [{"source": "body", "comparison": "not_empty"}, {"source": "header", "property": "x-note", "comparison": "not_empty"}]});
    let observation = check(&laptop(), json!({"type": "http", "url": server.url()}), seen).await;
    let answer = response(&observation);
    assert_eq!((answer.status_code, answer.body.as_slice()), (Some(200), b"hello".as_slice()));
    assert!(answer.headers.contains(&("x-note".to_owned(), "yes".to_owned())));
    assert_eq!(phases(observation.timings), [false, true, false, true], "a literal address is not resolved");
    let named = get(&server.url().replace("127.0.0.1", "localhost")).await;
    assert_eq!(phases(named.timings), [true, true, false, true]);
    let head = server.heads.lock().unwrap()[0].to_ascii_lowercase();
    for expected in
        ["get / http/1.1", "host: 127.0.0.1:", "connection: close", "accept-encoding: gzip", "user-agent: pulse/"]
    {
        assert!(head.contains(expected), "{expected} in {head}");
    }
}

#[tokio::test]
async fn requests_carry_what_the_monitor_says() {
    let server = Server::start(|_| say("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let url = format!("{}path?q=1", server.url());
    let said = json!({"type": "http", "url": url, "method": "POST", "body": "data", "headers": {"X-Key": "k", "Host": "other.example"}});
    let observation = check(&laptop(), said, json!({})).await;
    assert_eq!(response(&observation).status_code, Some(204));
    let head = server.heads.lock().unwrap()[0].to_ascii_lowercase();
    for expected in ["post /path?q=1 http/1.1", "x-key: k", "content-length: 4", "host: other.example"] {
        assert!(head.contains(expected), "{expected} in {head}");
    }
    let server = Server::start(|_| say("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")).await;
    let observation = check(&laptop(), json!({"type": "http", "url": server.url(), "method": "HEAD"}), json!({})).await;
    assert_eq!(response(&observation).body, b"", "a HEAD has no body, whatever its length says");
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let fits = "x".repeat(BODY_BYTES_MAX);
    let full = fits.clone();
    let server = Server::start(move |_| say(format!("HTTP/1.1 200 OK\r\n\r\n{full}"))).await;
    let looked_at = json!({"assertions": [{"source": "body", "comparison": "not_empty"}]});
    let observation = check(&laptop(), json!({"type": "http", "url": server.url()}), looked_at).await;
    assert_eq!(response(&observation).body.len(), BODY_BYTES_MAX);
    let server = Server::start(move |_| say(format!("HTTP/1.1 200 OK\r\n\r\n{fits}y"))).await;
    let observation = get(&server.url()).await;
    assert_eq!(reason(&observation), Reason::BodyTooLarge);
    let promised =
        Server::start(|_| Act::SayAndHang("HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n".into())).await;
    assert_eq!(reason(&get(&promised.url()).await), Reason::BodyTooLarge, "told beforehand, not read");
}

#[tokio::test]
async fn redirects_are_followed_so_far_and_no_further() {
    let ring = Server::start(|head| {
        let next = if head.starts_with("GET /a ") { "/b" } else { "/a" };
        say(format!("HTTP/1.1 302 Found\r\nlocation: {next}\r\ncontent-length: 0\r\n\r\n"))
    })
    .await;
    let observation = get(&format!("{}a", ring.url())).await;
    assert_eq!(reason(&observation), Reason::RedirectLoop);
    assert_eq!(ring.heads.lock().unwrap().len(), 2, "a loop is seen before it is walked twice");

    let stairs = Server::start(|head| {
        let step: u32 = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        if step == 5 {
            return say(OK);
        }
        say(format!("HTTP/1.1 307 On\r\nlocation: /{}\r\ncontent-length: 0\r\n\r\n", step + 1))
    })
    .await;
    assert_eq!(response(&get(&format!("{}0", stairs.url())).await).status_code, Some(200), "five are allowed");
    let down = Server::start(|head| {
        let step: u32 = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        say(format!("HTTP/1.1 307 On\r\nlocation: /{}\r\ncontent-length: 0\r\n\r\n", step + 1))
    })
    .await;
    assert_eq!(reason(&get(&format!("{}0", down.url())).await), Reason::TooManyRedirects);
    let stays = json!({"type": "http", "url": format!("{}0", down.url()), "follow_redirects": false});
    assert_eq!(response(&check(&laptop(), stays, json!({})).await).status_code, Some(307));
}

#[tokio::test]
async fn headers_stay_with_the_origin_that_the_owner_named() {
    let stranger = Server::start(|_| say(OK)).await;
    let there = stranger.url();
    let home =
        Server::start(move |_| say(format!("HTTP/1.1 302 Found\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n")))
            .await;
    let said =
        json!({"type": "http", "url": home.url(), "headers": {"Authorization": "Bearer hunter2", "X-Key": "hunter2"}});
    assert_eq!(response(&check(&laptop(), said, json!({})).await).status_code, Some(200));
    assert!(home.heads.lock().unwrap()[0].contains("hunter2"));
    assert!(!stranger.heads.lock().unwrap()[0].contains("hunter2"));
}

#[tokio::test]
async fn what_is_not_allowed_is_never_connected_to() {
    let forbidden = Server::start(|_| say(OK)).await;
    let strict = EgressOptions::default();
    for url in [
        forbidden.url(),
        forbidden.url().replace("127.0.0.1", "localhost"),
        forbidden.url().replace("127.0.0.1", "[::ffff:127.0.0.1]"),
    ] {
        let observation = check(&strict, json!({"type": "http", "url": url}), json!({})).await;
        let failure = observation.result.unwrap_err();
        assert_eq!(
            (failure.reason, failure.detail.as_str()),
            (Reason::BlockedTarget, "destination not allowed"),
            "{url}"
        );
    }
    assert!(forbidden.heads.lock().unwrap().is_empty());
    // Allowed first, forbidden after a redirect.
    let only_here = EgressOptions { policy: policy("127.0.0.1/32"), ..EgressOptions::default() };
    let lure = Server::start(|_| {
        say("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n")
    })
    .await;
    let observation = check(&only_here, json!({"type": "http", "url": lure.url()}), json!({})).await;
    assert_eq!(reason(&observation), Reason::BlockedTarget);
}

fn policy(network: &str) -> pulse_domain::address::AddressPolicy {
    pulse_domain::address::AddressPolicy { allow: vec![network.parse().unwrap()] }
}
