//! PagerDuty, Opsgenie and Splunk On-Call: one alert an incident, from its beginning to its end.

use super::{Says, Seen, exchange, outcome, outcomes, payload};
use pulse_domain::channel::ChannelKind;
use serde_json::json;

const ROUTING_KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn pagerduty_hears_of_one_alert_from_trigger_to_resolve() {
    fn events(seen: &Seen) -> Says {
        let event = seen.json();
        let invalid = |why: &str| {
            Says::json(400, &json!({"status": "invalid event", "message": "Event object is invalid", "errors": [why]}))
        };
        if event["routing_key"] != ROUTING_KEY {
            return invalid("'routing_key' is invalid");
        }
        let complete = ["summary", "source", "severity"].iter().all(|name| event["payload"][*name].is_string());
        if event["event_action"] == "trigger" && !complete {
            return invalid("'payload' is missing or blank");
        }
        Says::json(202, &json!({"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}))
    }
    let config = json!({"routing_key": ROUTING_KEY, "api_url": "BASE"});
    for (event, action) in [
        ("monitor.down", "trigger"),
        ("incident.acknowledged", "acknowledge"),
        ("incident.resolved", "resolve"),
        ("monitor.up", "resolve"),
    ] {
        let (seen, delivered) = exchange(ChannelKind::PagerDuty, config.clone(), &payload(event), events).await;
        assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), ("/v2/enqueue", "sent i-1"), "{event}");
        assert_eq!(
            (seen.json()["event_action"].as_str(), seen.json()["dedup_key"].as_str()),
            (Some(action), Some("i-1"))
        );
    }
    let (seen, _) = exchange(ChannelKind::PagerDuty, config.clone(), &payload("monitor.down"), events).await;
    let event = seen.json();
    assert_eq!(
        (&event["payload"]["severity"], &event["payload"]["source"]),
        (&json!("critical"), &json!("https://shop.example/"))
    );
    assert_eq!(event["links"][0]["href"], "https://pulse.example/incidents/i-1");
    outcomes(
        ChannelKind::PagerDuty,
        &config,
        &[
            (Says::json(400, &json!({"status": "invalid event", "errors": ["'routing_key' is invalid"]})), "unusable"),
            (Says::json(400, &json!({"status": "invalid event", "errors": ["'severity' is invalid"]})), "rejected"),
            (Says::json(429, &json!({"status": "throttle exceeded"})), "again 429"),
            (Says::text(500, ""), "again 500"),
        ],
    )
    .await;
}

#[tokio::test]
async fn opsgenie_alerts_are_named_by_their_alias() {
    fn opsgenie(seen: &Seen) -> Says {
        if seen.header("authorization") != "GenieKey k" {
            return Says::json(401, &json!({"message": "Key format is not valid!", "requestId": "r-0"}));
        }
        let message = seen.json()["message"].as_str().unwrap_or("note").len();
        if message > 130 {
            return Says::json(
                422,
                &json!({"message": "Request body is not processable.", "errors": {"message": "too long"}}),
            );
        }
        Says::json(202, &json!({"result": "Request will be processed", "took": 0.3, "requestId": "r-1"}))
    }
    let config = json!({"api_key": "k", "api_url": "BASE"});
    for (event, path) in [
        ("monitor.down", "/v2/alerts"),
        ("incident.acknowledged", "/v2/alerts/i-1/acknowledge?identifierType=alias"),
        ("monitor.flapping_stopped", "/v2/alerts/i-1/notes?identifierType=alias"),
        ("monitor.up", "/v2/alerts/i-1/close?identifierType=alias"),
    ] {
        let (seen, delivered) = exchange(ChannelKind::Opsgenie, config.clone(), &payload(event), opsgenie).await;
        assert_eq!((seen.path.as_str(), outcome(&delivered).as_str()), (path, "sent r-1"), "{event}");
    }
    let (seen, _) = exchange(ChannelKind::Opsgenie, config.clone(), &payload("monitor.down"), opsgenie).await;
    assert_eq!((&seen.json()["alias"], &seen.json()["priority"]), (&json!("i-1"), &json!("P1")));
    outcomes(
        ChannelKind::Opsgenie,
        &config,
        &[
            (Says::json(401, &json!({"message": "Key format is not valid!"})), "unusable"),
            (Says::json(403, &json!({"message": "API Key is not authorized"})), "unusable"),
            (Says::json(422, &json!({"message": "Request body is not processable."})), "rejected"),
            (Says::json(429, &json!({"message": "You are making too many requests!"})), "later -"),
            (Says::text(503, ""), "again 503"),
        ],
    )
    .await;
}

#[tokio::test]
async fn splunk_on_call_hears_the_beginning_and_the_recovery_of_an_entity() {
    fn rest(seen: &Seen) -> Says {
        if seen.path != "/integrations/generic/20131114/alert/k-1/ops" {
            return Says::json(404, &json!({"result": "failure", "message": "no such integration"}));
        }
        Says::json(200, &json!({"result": "success", "entity_id": seen.json()["entity_id"]}))
    }
    let config = json!({"api_key": "k-1", "routing_key": "ops", "api_url": "BASE"});
    for (event, message_type) in [
        ("monitor.down", "CRITICAL"),
        ("monitor.degraded", "WARNING"),
        ("incident.acknowledged", "ACKNOWLEDGEMENT"),
        ("monitor.up", "RECOVERY"),
    ] {
        let (seen, delivered) = exchange(ChannelKind::SplunkOnCall, config.clone(), &payload(event), rest).await;
        assert_eq!(
            (seen.json()["message_type"].as_str(), outcome(&delivered).as_str()),
            (Some(message_type), "sent i-1")
        );
    }
    outcomes(
        ChannelKind::SplunkOnCall,
        &config,
        &[
            (Says::json(200, &json!({"result": "failure", "message": "missing entity_id"})), "rejected"),
            (Says::json(404, &json!({"result": "failure"})), "unusable"),
            (Says::text(429, ""), "again 429"),
        ],
    )
    .await;
}
