//! The demo's organization: a dozen monitors, a channel and a rule.

use serde_json::{Value, json};

use super::DemoError;
use super::client::Client;
use super::target::Ports;

/// Makes what is not there yet; an interrupted seeding goes on where it stopped.
pub(super) async fn seed(client: &Client, ports: Ports) -> Result<(), DemoError> {
    let there = client.names("monitors").await?;
    for monitor in monitors(ports) {
        let is_there = there.iter().any(|(name, _)| monitor.get("name").and_then(Value::as_str) == Some(name));
        if !is_there {
            client.create("monitors", &monitor).await?;
        }
    }
    let channel = "Demo webhook";
    let channels = client.names("channels").await?;
    let found = channels.into_iter().find(|(name, _)| name == channel).map(|(_, found)| found);
    let found = if let Some(found) = found {
        found
    } else {
        let url = format!("http://127.0.0.1:{}/hook", ports.http);
        let body = json!({"name": channel, "type": "webhook", "enabled": true, "config": {"url": url, "headers": {}}});
        client.create("channels", &body).await?
    };
    let rule = "Everything to the demo webhook";
    if client.names("rules").await?.iter().any(|(name, _)| name == rule) {
        return Ok(());
    }
    let id = found.get("id").cloned().ok_or(DemoError::Incomplete("the channel's id"))?;
    let events =
        ["monitor.down", "monitor.up", "monitor.degraded", "monitor.flapping_started", "monitor.flapping_stopped"];
    let body = json!({
        "name": rule, "enabled": true, "match": {"all": true}, "events": events, "channel_ids": [id], "delay_seconds": 0,
    });
    client.create("rules", &body).await?;
    Ok(())
}

/// Each way in which the target behaves, under the name of something that a shop would watch.
fn monitors(ports: Ports) -> Vec<Value> {
    let http = |name: &str, path: &str, seconds: u32, assertions: Value| {
        let url = format!("http://127.0.0.1:{}{path}", ports.http);
        monitor(
            name,
            seconds,
            &json!({"type": "http", "url": url, "method": "GET", "follow_redirects": true}),
            &assertions,
        )
    };
    let tcp = |name: &str, port: u16, expect: Value| {
        let check =
            json!({"type": "tcp", "host": "127.0.0.1", "port": port, "tls": false, "send": null, "expect": expect});
        monitor(name, 5, &check, &json!([]))
    };
    let status = json!([{"source": "status_code", "comparison": "equals", "value": 200}]);
    let body = json!([{"source": "body", "comparison": "contains", "value": "Add to basket"}]);
    let json_body = json!([
        {"source": "status_code", "comparison": "equals", "value": 200},
        {"source": "json", "property": "$.database", "comparison": "equals", "value": "ok"},
        {"source": "json", "property": "$.queue_depth", "comparison": "less_than", "value": 100},
    ]);
    let header = json!([{"source": "header", "property": "content-type", "comparison": "contains", "value": "json"}]);
    let fast = json!([{"source": "latency_ms", "comparison": "less_than", "value": 1000}]);
    vec![
        http("Storefront", "/healthy", 5, fast),
        http("Checkout API", "/health.json", 5, json_body),
        http("Catalogue API", "/health.json", 10, header),
        http("Search (slow)", "/slow", 5, json!([])),
        http("Payments (failing)", "/failing", 5, status.clone()),
        http("Recommendations (flapping)", "/flapping", 5, status.clone()),
        http("Product page (wrong body)", "/wrong-body", 10, body),
        http("Reports (hanging)", "/hanging", 10, json!([])),
        http("Old address (redirecting)", "/redirecting", 10, status.clone()),
        http("Image service (now and then failing)", "/occasional", 5, status),
        tcp("Mail relay", ports.tcp, json!("ready")),
        tcp("Legacy gateway (refused)", ports.refused, Value::Null),
    ]
}

fn monitor(name: &str, interval_seconds: u32, check: &Value, assertions: &Value) -> Value {
    json!({
        "name": name,
        "enabled": true,
        "tags": ["demo"],
        "interval_seconds": interval_seconds,
        "timeout_ms": 3000,
        "check": check,
        "assertions": assertions,
        "policy": {
            "confirm_down": {"mode": "consecutive", "failures": 2},
            "confirm_up": {"successes": 2},
            "degraded": {"latency_ms": 300, "consecutive": 2},
            "retry_interval_seconds": 5,
            "flapping": {"low_percent": 20.0, "high_percent": 30.0},
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_a_dozen_monitors_with_names_of_their_own() {
        let monitors = monitors(Ports { http: 1, tcp: 2, refused: 3 });
        let names: BTreeSet<&str> = monitors.iter().filter_map(|monitor| monitor["name"].as_str()).collect();
        assert_eq!(names.len(), 12);
    }
}
