//! ntfy, Gotify, Pushover, Twilio and Home Assistant: messages to a pocket.

use super::{Says, Seen, exchange, outcome, outcomes, payload};
use pulse_domain::channel::ChannelKind;
use serde_json::json;

#[tokio::test]
async fn ntfy_gets_a_topic_a_priority_and_buttons() {
    fn ntfy(seen: &Seen) -> Says {
        match (seen.header("authorization"), seen.json()["topic"].as_str()) {
            ("Bearer tk_x", Some("pulse-1")) => Says::json(200, &json!({"id": "sPs71M8A2T", "event": "message"})),
            _ => Says::json(403, &json!({"code": 40301, "http": 403, "error": "forbidden"})),
        }
    }
    let config = json!({"topic": "pulse-1", "access_token": "tk_x", "server_url": "BASE/"});
    let (seen, delivered) = exchange(ChannelKind::Ntfy, config.clone(), &payload("monitor.down"), ntfy).await;
    assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), ("/", "sent sPs71M8A2T"));
    let body = seen.json();
    assert_eq!((&body["priority"], &body["click"]), (&json!(5), &json!("https://pulse.example/incidents/i-1")));
    assert_eq!(
        body["actions"][1],
        json!({"action": "view", "label": "Acknowledge", "url": "https://pulse.example/a/token"})
    );
    outcomes(
        ChannelKind::Ntfy,
        &config,
        &[
            (Says::json(401, &json!({"code": 40101, "http": 401, "error": "unauthorized"})), "unusable"),
            (Says::json(403, &json!({"code": 40301, "http": 403, "error": "forbidden"})), "unusable"),
            (
                Says::json(429, &json!({"code": 42901, "http": 429, "error": "limit reached: too many requests"})),
                "later -",
            ),
            (
                Says::json(
                    400,
                    &json!({"code": 40024, "http": 400, "error": "invalid request: body must be valid JSON"}),
                ),
                "rejected",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn gotify_gets_a_message_with_its_token() {
    fn gotify(seen: &Seen) -> Says {
        if seen.header("x-gotify-key") == "A1" {
            Says::json(200, &json!({"id": 25, "appid": 5}))
        } else {
            Says::json(
                401,
                &json!({"error": "Unauthorized", "errorCode": 401, "errorDescription": "you need to provide a valid access token"}),
            )
        }
    }
    let config = json!({"server_url": "BASE/push", "app_token": "A1"});
    let (seen, delivered) = exchange(ChannelKind::Gotify, config.clone(), &payload("monitor.down"), gotify).await;
    assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), ("/push/message", "sent 25"));
    assert_eq!(seen.json()["extras"]["client::notification"]["click"]["url"], "https://pulse.example/incidents/i-1");
    let wrong = json!({"server_url": "BASE/push", "app_token": "B2"});
    let (_, delivered) = exchange(ChannelKind::Gotify, wrong, &payload("monitor.down"), gotify).await;
    assert_eq!(outcome(&delivered), "unusable");
    outcomes(
        ChannelKind::Gotify,
        &config,
        &[(Says::json(400, &json!({"error": "Bad Request"})), "rejected"), (Says::text(500, ""), "again 500")],
    )
    .await;
}

#[tokio::test]
async fn pushover_gets_a_form_and_names_the_faulty_key() {
    const TOKEN: &str = "azGDORePK8gMaC0QOYAMyEEuzJnyUi";
    const USER: &str = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG";
    fn pushover(seen: &Seen) -> Says {
        let form = seen.form();
        if form.get("token").map(String::as_str) != Some(TOKEN) {
            return Says::json(
                400,
                &json!({"token": "invalid", "errors": ["application token is invalid"], "status": 0, "request": "r"}),
            );
        }
        if form.get("priority").map(String::as_str) == Some("2") && !form.contains_key("expire") {
            return Says::json(
                400,
                &json!({"expire": "must be supplied", "errors": ["expire must be supplied"], "status": 0}),
            );
        }
        Says::json(200, &json!({"status": 1, "request": "647d2300-702c-4b38-8b2f-d56326ae460b"}))
    }
    let config = json!({"app_token": TOKEN, "user_key": USER, "emergency": "yes", "api_url": "BASE"});
    let (seen, delivered) = exchange(ChannelKind::Pushover, config.clone(), &payload("monitor.down"), pushover).await;
    assert_eq!(
        (seen.path.as_str(), outcome(&delivered).as_str()),
        ("/1/messages.json", "sent 647d2300-702c-4b38-8b2f-d56326ae460b")
    );
    let form = seen.form();
    assert_eq!(
        (form["priority"].as_str(), form["user"].as_str(), form["title"].as_str()),
        ("2", USER, "Shop <b>& is down")
    );
    let (seen, _) = exchange(ChannelKind::Pushover, config.clone(), &payload("monitor.up"), pushover).await;
    assert_eq!(seen.form()["priority"], "0");
    outcomes(
        ChannelKind::Pushover,
        &config,
        &[
            (
                Says::json(400, &json!({"user": "invalid", "errors": ["user identifier is not valid"], "status": 0})),
                "unusable",
            ),
            (
                Says::json(
                    400,
                    &json!({"message": "cannot be blank", "errors": ["message cannot be blank"], "status": 0}),
                ),
                "rejected",
            ),
            (Says::json(429, &json!({"errors": ["application is over its quota"], "status": 0})), "later -"),
            (Says::text(500, ""), "again 500"),
        ],
    )
    .await;
}

#[tokio::test]
async fn twilio_gets_a_short_text_and_its_codes_are_understood() {
    fn twilio(seen: &Seen) -> Says {
        if seen.basic() != "AC1:t" {
            return Says::json(401, &json!({"code": 20003, "message": "Authenticate", "status": 401}));
        }
        if seen.form()["Body"].chars().count() > 1_600 {
            return Says::json(400, &json!({"code": 21617, "message": "too long", "status": 400}));
        }
        Says::json(201, &json!({"sid": "SM87105da94bff44b999e4e6eb90d8eb6a", "status": "queued"}))
    }
    let config = json!({"account_sid": "AC1", "auth_token": "t", "from": "+15005550006", "to": "+15005550009", "api_url": "BASE"});
    let (seen, delivered) = exchange(ChannelKind::Twilio, config.clone(), &payload("monitor.down"), twilio).await;
    assert_eq!(seen.path, "/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(outcome(&delivered), "sent SM87105da94bff44b999e4e6eb90d8eb6a");
    assert_eq!((seen.form()["From"].as_str(), seen.form()["To"].as_str()), ("+15005550006", "+15005550009"));
    assert!(
        seen.form()["Body"].starts_with("Shop <b>& is down\nstatus 503\nhttps://pulse.example/"),
        "{:?}",
        seen.form()
    );
    let refused = |status: u16, code: u32| Says::json(status, &json!({"code": code, "message": "…", "status": status}));
    outcomes(
        ChannelKind::Twilio,
        &config,
        &[
            (refused(401, 20003), "unusable"),
            (refused(400, 21211), "unusable"),
            (refused(400, 21610), "unusable"),
            (refused(400, 21617), "rejected"),
            (refused(429, 20429), "later -"),
            (refused(500, 20500), "again 500"),
        ],
    )
    .await;
}

#[tokio::test]
async fn home_assistant_calls_a_notification_service() {
    fn home(seen: &Seen) -> Says {
        match (seen.header("authorization"), seen.path.as_str()) {
            ("Bearer ll", "/api/services/notify/mobile_app_phone") => Says::json(200, &json!([])),
            ("Bearer ll", _) => Says::text(400, "Action notify.x not found"),
            _ => Says::text(401, "401: Unauthorized"),
        }
    }
    let config = json!({"url": "BASE", "access_token": "ll", "service": "mobile_app_phone"});
    let (seen, delivered) = exchange(ChannelKind::HomeAssistant, config, &payload("monitor.down"), home).await;
    assert_eq!(outcome(&delivered), "sent -");
    assert_eq!(seen.json()["data"]["tag"], "i-1");
    for (config, expected) in [
        (json!({"url": "BASE", "access_token": "ll", "service": "x"}), "unusable"),
        (json!({"url": "BASE", "access_token": "wrong"}), "unusable"),
    ] {
        let (_, delivered) = exchange(ChannelKind::HomeAssistant, config, &payload("monitor.down"), home).await;
        assert_eq!(outcome(&delivered), expected);
    }
}
