//! Any JSON, anywhere: a body made from a template (MiniJinja, the language of Jinja2) for programs that want their own form.
//!
//! A template is a stranger's program. It gets no loader, so it reads nothing; its fuel bounds its work and its memory; and
//! values come out as JSON, so that a monitor's name can't break out of its place.

use super::{About, Dispatch, Field, Method, Parcel, Provider, Request, Unsendable};
use crate::{limits::CHANNEL_TEMPLATE_CHARS_MAX, secret::Secret, webhook};
use minijinja::{
    AutoEscape, Environment, ErrorKind,
    value::{Serde, Value as Shown},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, Secret<String>>,
    #[serde(default)]
    method: Option<String>,
    #[serde(rename = "template")]
    body: String,
}

/// Steps, and 64 bytes each: a template of the longest kind stays below a tenth.
const FUEL: u64 = 20_000;

impl Provider for Template {
    const ABOUT: &'static About = &About {
        label: "JSON template",
        summary: "Your own JSON to any address, for services that expect a form of their own.",
        steps: &[
            "Look up which address and which JSON the service expects, and which header carries its key.",
            "Write the JSON with {{ title }} and the like where values go; the preview lists all fields.",
        ],
        documentation: "https://docs.rs/minijinja/latest/minijinja/syntax/index.html",
        per_minute: None,
        fields: &[
            Field::url("url", "URL").example("https://example.com/api/alerts"),
            Field::pairs("headers", "Headers").secret().help("Such as authorization."),
            Field::choice("method", "Method", &["POST", "PUT"]).advanced(),
            Field::lines("template", "Template", CHANNEL_TEMPLATE_CHARS_MAX)
                .help("A value stands with its quotes; inside of a text write {{ title|text }}.")
                .example("{\"text\": {{ title }}, \"key\": {{ thread }}}"),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let fault = environment().template_from_str(&self.body).err().map(|error| explain(&error));
        fault.map(|fault| ("template", fault)).into_iter().collect()
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let body = render(&self.body, parcel).map_err(|fault| Unsendable::new(format!("the template {fault}")))?;
        if serde_json::from_str::<serde::de::IgnoredAny>(&body).is_err() {
            return Err(Unsendable::new("the template makes no JSON"));
        }
        let mut request = Request::post(&self.url, "application/json", body.into_bytes())
            .with("webhook-id", webhook::message_id(parcel.idempotency_key));
        if self.method.as_deref() == Some("PUT") {
            request.method = Method::Put;
        }
        for (name, value) in &self.headers {
            request = request.with(name, value.expose());
        }
        Ok(request.into())
    }
}

/// What a template makes of a message, or what is wrong with it in words that follow "the template".
pub fn render(template: &str, parcel: &Parcel<'_>) -> Result<String, String> {
    let environment = environment();
    let template = environment.template_from_str(template).map_err(|error| explain(&error))?;
    template.render(Shown::from(Serde(fields(parcel)))).map_err(|error| explain(&error))
}

/// What a template may name.
pub fn fields(parcel: &Parcel<'_>) -> Value {
    let message = parcel.message;
    let facts: Vec<Value> = message.facts.iter().map(|fact| json!({"name": fact.name, "value": fact.value})).collect();
    json!({
        "id": webhook::message_id(parcel.idempotency_key),
        "event": message.event,
        "title": message.title,
        "text": message.text(),
        "lines": message.lines,
        "facts": facts,
        "severity": message.severity.as_str(),
        "subject": message.subject,
        "source": message.source,
        "organization": message.organization,
        "thread": message.thread,
        "at": message.at,
        "timestamp": message.at.timestamp(),
        "drill": message.drill,
        "link": message.link,
        "acknowledge": message.acknowledge,
        "data": parcel.payload.get("data"),
    })
}

fn environment<'source>() -> Environment<'source> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::Json);
    environment.add_filter("text", |text: String| {
        let quoted = Value::from(text).to_string();
        let bare = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
        Shown::from_safe_string(bare.to_owned())
    });
    environment
}

fn explain(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    if error.kind() == ErrorKind::OutOfFuel {
        return "does more than a message is worth".to_owned();
    }
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("is faulty{line}: {}{detail}", error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use proptest::prelude::*;

    fn rendered(template: &str, name: &str) -> Result<String, String> {
        let payload = json!({
            "type": "monitor.down", "timestamp": "2026-03-01T10:00:00Z",
            "data": {"monitor": {"id": "m", "name": name, "target": "t"}, "incident": {"id": "i"}},
        });
        let message = Message::of(&payload, "key", None);
        render(template, &Parcel { message: &message, payload: &payload, idempotency_key: "key", now: message.at })
    }

    #[test]
    fn values_come_out_as_json_and_as_text_inside_of_texts() {
        assert_eq!(rendered(r#"{"t": {{ title }}}"#, "Sh\"op").unwrap(), r#"{"t": "Sh\"op is down"}"#);
        assert_eq!(
            rendered(r#"{"t": "Alert: {{ title|text }}"}"#, "Sh\"op").unwrap(),
            r#"{"t": "Alert: Sh\"op is down"}"#
        );
        assert_eq!(rendered("{{ data.monitor.name }}{% if drill %}x{% endif %}", "Shop").unwrap(), r#""Shop""#);
    }

    #[test]
    fn a_template_reads_no_files_and_ends() {
        for template in [
            "{% include '/etc/passwd' %}",
            "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}",
            "{{ 'x' * 90000000 }}",
            "{% set x = 'xxxxxxxxxxxxxxxx' %}{% for i in range(100) %}{% set x = x ~ x %}{{ x * 1000000 }}{% endfor %}",
        ] {
            assert!(rendered(template, "Shop").is_err(), "{template}");
        }
        let doubling: String = std::iter::once("{% set x = 'xxxxxxxxxxxxxxxx' %}".to_owned())
            .chain((0..60).map(|_| "{% set x = x ~ x %}".to_owned()))
            .collect();
        assert_eq!(rendered(&doubling, "Shop"), Err("does more than a message is worth".to_owned()));
    }

    #[test]
    fn a_faulty_template_is_told_by_its_line() {
        let fault = rendered("{\n  {{ title\n}", "Shop").unwrap_err();
        assert!(fault.contains("line"), "{fault}");
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_its_place(name in ".{1,80}") {
            for template in [r#"{"a": {{ title }}, "b": {{ data.monitor.name }}}"#, r#"{"a": "x {{ title|text }}", "b": "{{ data.monitor.name|text }}"}"#] {
                let body: Value = serde_json::from_str(&rendered(template, &name).unwrap()).unwrap();
                prop_assert_eq!(body["b"].as_str(), Some(name.as_str()));
                prop_assert_eq!(body.as_object().unwrap().len(), 2);
            }
        }
    }
}
