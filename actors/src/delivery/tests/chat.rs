//! Slack, Discord, Teams, Google Chat, Telegram, Mattermost, Rocket.Chat, Matrix and Zulip.

use super::{KEY, Says, Seen, exchange, outcome, outcomes, payload};
use pulse_domain::channel::ChannelKind;
use serde_json::{Value, json};

/// A field of a body, by pointer.
fn at<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test]
async fn slack_gets_blocks_and_its_words_are_understood() {
    fn slack(seen: &Seen) -> Says {
        let fits = seen.header("content-type") == "application/json" && !at(&seen.json(), "/text").is_empty();
        if fits { Says::text(200, "ok") } else { Says::text(400, "invalid_payload") }
    }
    let config = json!({"webhook_url": "BASE/services/T0/B0/x"});
    let (seen, delivered) = exchange(ChannelKind::Slack, config.clone(), &payload("monitor.down"), slack).await;
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str(), outcome(&delivered).as_str()),
        ("POST", "/services/T0/B0/x", "sent -")
    );
    let body = seen.json();
    assert_eq!(at(&body, "/text"), "Shop &lt;b&gt;&amp; is down");
    assert_eq!(at(&body, "/attachments/0/blocks/0/text/text"), "Shop <b>& is down");
    assert_eq!(at(&body, "/attachments/0/blocks/2/elements/0/url"), "https://pulse.example/incidents/i-1");
    assert_eq!(at(&body, "/attachments/0/blocks/2/elements/1/text/text"), "Acknowledge");
    outcomes(
        ChannelKind::Slack,
        &config,
        &[
            (Says::text(429, "ratelimited").with("retry-after", "30"), "again 429"),
            (Says::json(200, &json!({"ok": false, "error": "ratelimited"})), "later -"),
            (Says::text(400, "invalid_payload"), "rejected"),
            (Says::text(403, "action_prohibited"), "unusable"),
            (Says::text(404, "no_service"), "unusable"),
            (Says::text(410, "channel_is_archived"), "unusable"),
            (Says::json(200, &json!({"ok": false, "error": "account_inactive"})), "unusable"),
            (Says::text(500, "rollup_error"), "again 500"),
        ],
    )
    .await;
}

#[tokio::test]
async fn discord_gets_an_embed_that_mentions_nobody() {
    fn discord(seen: &Seen) -> Says {
        if seen.json()["embeds"][0]["title"].is_string() {
            Says::json(200, &json!({"id": "1234", "content": ""}))
        } else {
            Says::json(400, &json!({"message": "Cannot send an empty message", "code": 50006}))
        }
    }
    let config = json!({"webhook_url": "BASE/api/webhooks/1/abc"});
    let (seen, delivered) = exchange(ChannelKind::Discord, config.clone(), &payload("monitor.up"), discord).await;
    assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), ("/api/webhooks/1/abc?wait=true", "sent 1234"));
    let body = seen.json();
    assert_eq!(body["allowed_mentions"], json!({"parse": []}));
    assert_eq!(body["embeds"][0]["url"], "https://pulse.example/incidents/i-1");
    let limited = json!({"message": "You are being rate limited.", "retry_after": 64.57, "global": false});
    outcomes(
        ChannelKind::Discord,
        &config,
        &[
            (Says::json(429, &limited).with("retry-after", "65"), "later 65"),
            (Says::json(404, &json!({"message": "Unknown Webhook", "code": 10015})), "unusable"),
            (Says::json(401, &json!({"message": "Invalid Webhook Token", "code": 50027})), "unusable"),
            (Says::json(400, &json!({"embeds": ["0"]})), "rejected"),
            (Says::text(502, ""), "again 502"),
        ],
    )
    .await;
}

#[tokio::test]
async fn teams_gets_an_adaptive_card() {
    fn workflow(seen: &Seen) -> Says {
        let card = seen.json().pointer("/attachments/0/content").cloned().unwrap_or_default();
        if card["type"] == "AdaptiveCard" {
            Says::text(202, "")
        } else {
            Says::json(400, &json!({"error": {"code": "InvalidRequestContent"}}))
        }
    }
    let config = json!({"webhook_url": "BASE/workflows/x/triggers/manual/paths/invoke?sig=s"});
    let (seen, delivered) = exchange(ChannelKind::Teams, config.clone(), &payload("monitor.down"), workflow).await;
    assert_eq!(outcome(&delivered), "sent -");
    let body = seen.json();
    assert_eq!(at(&body, "/attachments/0/contentType"), "application/vnd.microsoft.card.adaptive");
    assert_eq!(at(&body, "/attachments/0/content/actions/0/url"), "https://pulse.example/incidents/i-1");
    let disabled = json!({"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "could not execute"}});
    outcomes(
        ChannelKind::Teams,
        &config,
        &[
            (Says::text(429, "").with("retry-after", "12"), "again 429"),
            (Says::json(400, &disabled), "unusable"),
            (Says::json(401, &json!({"error": {"code": "DirectApiAuthorizationRequired"}})), "unusable"),
            (Says::json(404, &json!({"error": {"code": "WorkflowNotFound"}})), "unusable"),
            (Says::text(413, ""), "rejected"),
        ],
    )
    .await;
}

#[tokio::test]
async fn google_chat_gets_a_card_in_the_incidents_thread() {
    fn space(seen: &Seen) -> Says {
        if seen.path.contains("token=t") {
            Says::json(200, &json!({"name": "spaces/AAA/messages/m.m", "thread": seen.json()["thread"]}))
        } else {
            Says::json(401, &json!({"error": {"code": 401, "status": "UNAUTHENTICATED"}}))
        }
    }
    let config = json!({"webhook_url": "BASE/v1/spaces/AAA/messages?key=k&token=t"});
    let (seen, delivered) = exchange(ChannelKind::GoogleChat, config.clone(), &payload("monitor.down"), space).await;
    assert_eq!(outcome(&delivered), "sent spaces/AAA/messages/m.m");
    assert!(seen.path.contains("messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"), "{}", seen.path);
    assert!(seen.path.ends_with(&format!("requestId={KEY}")), "the same on every attempt: {}", seen.path);
    assert_eq!(seen.json()["thread"]["threadKey"], "i-1");
    let exhausted = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}});
    outcomes(
        ChannelKind::GoogleChat,
        &config,
        &[
            (Says::json(429, &exhausted), "later -"),
            (Says::json(400, &json!({"error": {"status": "INVALID_ARGUMENT"}})), "rejected"),
            (Says::json(403, &json!({"error": {"status": "PERMISSION_DENIED"}})), "unusable"),
            (Says::json(503, &json!({"error": {"status": "UNAVAILABLE"}})), "again 503"),
        ],
    )
    .await;
}

#[tokio::test]
async fn telegram_gets_html_and_says_when_to_come_back() {
    fn bot(seen: &Seen) -> Says {
        if seen.path != "/bot123:abc/sendMessage" {
            return Says::json(404, &json!({"ok": false, "error_code": 404, "description": "Not Found"}));
        }
        let body = seen.json();
        let balanced = at(&body, "/text").matches("<b>").count() == at(&body, "/text").matches("</b>").count();
        if body["chat_id"] == "-100" && body["parse_mode"] == "HTML" && balanced {
            Says::json(200, &json!({"ok": true, "result": {"message_id": 77}}))
        } else {
            Says::json(
                400,
                &json!({"ok": false, "error_code": 400, "description": "Bad Request: can't parse entities"}),
            )
        }
    }
    let config = json!({"bot_token": "123:abc", "chat_id": "-100", "topic_id": "5", "api_url": "BASE"});
    let (seen, delivered) = exchange(ChannelKind::Telegram, config.clone(), &payload("monitor.down"), bot).await;
    assert_eq!(outcome(&delivered), "sent 77");
    assert_eq!(seen.json()["message_thread_id"], 5);
    assert!(at(&seen.json(), "/text").starts_with("<b>🔴 Shop &lt;b&gt;&amp; is down</b>"), "{}", seen.json());
    let limited = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 5", "parameters": {"retry_after": 5}});
    let refused = |code: u16, description: &str| {
        Says::json(code, &json!({"ok": false, "error_code": code, "description": description}))
    };
    outcomes(
        ChannelKind::Telegram,
        &config,
        &[
            (Says::json(429, &limited), "later 5"),
            (refused(400, "Bad Request: chat not found"), "unusable"),
            (refused(400, "Bad Request: message is too long"), "rejected"),
            (refused(401, "Unauthorized"), "unusable"),
            (refused(403, "Forbidden: bot was kicked from the group chat"), "unusable"),
            (refused(500, "Internal Server Error"), "again 500"),
        ],
    )
    .await;
}

#[tokio::test]
async fn mattermost_and_rocket_chat_get_attachments() {
    let config = json!({"webhook_url": "BASE/hooks/x", "channel": "town-square"});
    let (seen, delivered) =
        exchange(ChannelKind::Mattermost, config.clone(), &payload("monitor.down"), |_| Says::text(200, "ok")).await;
    assert_eq!(outcome(&delivered), "sent -");
    let body = seen.json();
    assert_eq!(at(&body, "/channel"), "town-square");
    assert_eq!(at(&body, "/attachments/0/title_link"), "https://pulse.example/incidents/i-1");
    let refused = |code: u16, id: &str| Says::json(code, &json!({"id": id, "message": "…", "status_code": code}));
    outcomes(
        ChannelKind::Mattermost,
        &config,
        &[
            (refused(400, "web.incoming_webhook.parse.app_error"), "rejected"),
            (refused(403, "web.incoming_webhook.disabled.app_error"), "unusable"),
            (refused(404, "web.incoming_webhook.channel.app_error"), "unusable"),
            (refused(429, "api.rate_limit"), "again 429"),
        ],
    )
    .await;
    let (seen, delivered) = exchange(ChannelKind::RocketChat, config.clone(), &payload("monitor.down"), |_| {
        Says::json(200, &json!({"success": true}))
    })
    .await;
    assert_eq!((seen.json()["alias"].as_str(), outcome(&delivered).as_str()), (Some("Pulse"), "sent -"));
    outcomes(
        ChannelKind::RocketChat,
        &config,
        &[
            (Says::json(200, &json!({"success": false, "error": "invalid-payload"})), "rejected"),
            (Says::json(400, &json!({"success": false, "error": "invalid-channel"})), "unusable"),
            (Says::text(401, "Invalid integration id or token provided."), "unusable"),
        ],
    )
    .await;
}

#[tokio::test]
async fn matrix_gets_one_event_per_transaction_id() {
    fn homeserver(seen: &Seen) -> Says {
        if seen.header("authorization") != "Bearer syt_x" {
            return Says::json(401, &json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Unrecognised access token"}));
        }
        Says::json(200, &json!({"event_id": "$event"}))
    }
    let config = json!({"homeserver_url": "BASE/", "room_id": "!room:example.org", "access_token": "syt_x"});
    let (seen, delivered) = exchange(ChannelKind::Matrix, config.clone(), &payload("monitor.down"), homeserver).await;
    assert_eq!((seen.method.as_str(), outcome(&delivered).as_str()), ("PUT", "sent $event"));
    let room = "%21room%3Aexample.org";
    assert_eq!(seen.path, format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/{KEY}"));
    assert!(at(&seen.json(), "/formatted_body").contains("Shop &lt;b&gt;&amp; is down"));
    let limited = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too many requests", "retry_after_ms": 2_001});
    outcomes(
        ChannelKind::Matrix,
        &config,
        &[
            (Says::json(429, &limited), "later 3"),
            (Says::json(401, &json!({"errcode": "M_UNKNOWN_TOKEN"})), "unusable"),
            (Says::json(403, &json!({"errcode": "M_FORBIDDEN"})), "unusable"),
            (Says::json(413, &json!({"errcode": "M_TOO_LARGE"})), "rejected"),
        ],
    )
    .await;
}

#[tokio::test]
async fn zulip_gets_a_topic_per_monitor() {
    fn zulip(seen: &Seen) -> Says {
        if seen.basic() != "bot@example.com:k" {
            return Says::json(401, &json!({"result": "error", "msg": "Invalid API key", "code": "INVALID_API_KEY"}));
        }
        let form = seen.form();
        let complete = ["type", "to", "topic", "content"].iter().all(|name| form.contains_key(*name));
        if complete {
            Says::json(200, &json!({"id": 42, "msg": "", "result": "success"}))
        } else {
            Says::json(400, &json!({"code": "BAD_REQUEST"}))
        }
    }
    let config = json!({"site_url": "BASE", "bot_email": "bot@example.com", "api_key": "k", "channel": "ops & dev"});
    let (seen, delivered) = exchange(ChannelKind::Zulip, config.clone(), &payload("monitor.down"), zulip).await;
    assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), ("/api/v1/messages", "sent 42"));
    assert_eq!((seen.form()["to"].as_str(), seen.form()["topic"].as_str()), ("ops & dev", "Shop <b>&"));
    let limited = json!({"code": "RATE_LIMIT_HIT", "msg": "API usage exceeded rate limit", "result": "error", "retry-after": 28.7});
    outcomes(
        ChannelKind::Zulip,
        &config,
        &[
            (Says::json(429, &limited), "later 29"),
            (
                Says::json(400, &json!({"code": "STREAM_DOES_NOT_EXIST", "msg": "Channel 'x' does not exist"})),
                "unusable",
            ),
            (Says::json(400, &json!({"code": "BAD_REQUEST", "msg": "Message must not be empty"})), "rejected"),
            (Says::json(401, &json!({"code": "INVALID_API_KEY"})), "unusable"),
        ],
    )
    .await;
}
