//! The body that a template makes, and what is never sent.

use super::{KEY, Says, exchange, outcome, payload};
use pulse_domain::{backoff::Answer, channel::ChannelKind};
use serde_json::json;

use super::{Then, deliver};

#[tokio::test]
async fn a_template_makes_the_body_and_sends_its_headers() {
    let config = json!({
        "url": "BASE/alerts", "headers": {"Authorization": "Token t"}, "method": "PUT",
        "template": "{\"key\": {{ thread }}, \"words\": \"{{ title|text }}!\", \"tags\": {{ data.monitor.tags }}}",
    });
    let (seen, delivered) =
        exchange(ChannelKind::Template, config, &payload("monitor.down"), |_| Says::text(200, "")).await;
    assert_eq!(outcome(&delivered), "sent -");
    assert_eq!((seen.method.as_str(), seen.header("authorization")), ("PUT", "Token t"));
    assert_eq!(seen.header("webhook-id"), format!("msg_{KEY}"));
    assert_eq!(seen.json(), json!({"key": "i-1", "words": "Shop <b>& is down!", "tags": ["prod"]}));
}

#[tokio::test]
async fn what_is_no_json_is_not_sent() {
    for template in ["{\"a\": }", "{{ nothing.at.all }}", "{% for x in range(100000) %}{{ x }}{% endfor %}"] {
        let config = json!({"url": "http://127.0.0.1:9/", "template": template});
        let delivered = deliver(ChannelKind::Template, &config, &payload("monitor.down")).await;
        assert!(
            matches!(&delivered.then, Then::Hopeless(reason) if reason.contains("template")),
            "{template}: {delivered:?}"
        );
    }
    let fine = json!({"url": "http://127.0.0.1:9/", "template": "{}"});
    let delivered = deliver(ChannelKind::Template, &fine, &payload("monitor.down")).await;
    assert!(matches!(delivered.then, Then::Answered(Answer::Connection)), "{delivered:?}");
}
