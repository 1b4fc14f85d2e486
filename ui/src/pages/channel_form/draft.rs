//! A channel as it is typed: a text, a list or pairs for each field that its kind describes.

use crate::form::{self, Errors, text::headers};
use pulse_domain::channel::{ChannelKind, Field, Input};
use pulse_wire::channel::Channel;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) kind: ChannelKind,
    /// By the field's name; what was typed for another kind stays, in case that is chosen again.
    pub(super) texts: BTreeMap<String, String>,
    pub(super) pairs: BTreeMap<String, Vec<(String, String)>>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            kind: ChannelKind::Webhook,
            texts: BTreeMap::new(),
            pairs: BTreeMap::new(),
        }
    }
}

impl Draft {
    /// The fields that people fill in.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.kind.about().fields.iter().filter(|field| field.input != Input::Hidden)
    }

    pub(super) fn text(&self, field: &Field) -> String {
        self.texts.get(field.name).cloned().unwrap_or_default()
    }

    /// What the API takes: fields without anything in them are left out.
    pub(super) fn config(&self) -> Map<String, Value> {
        self.fields().filter_map(|field| Some((field.name.to_owned(), self.value(field)?))).collect()
    }

    fn value(&self, field: &Field) -> Option<Value> {
        match field.input {
            Input::Pairs => {
                let pairs = headers(self.pairs.get(field.name)?);
                (!pairs.is_empty()).then(|| json!(pairs))
            }
            Input::List { .. } => {
                let text = self.texts.get(field.name)?;
                let items: Vec<&str> =
                    text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty()).collect();
                (!items.is_empty()).then(|| json!(items))
            }
            Input::Lines { .. } => {
                self.texts.get(field.name).filter(|text| !text.trim().is_empty()).map(|text| json!(text))
            }
            Input::Text | Input::Url | Input::Choice { .. } => self
                .texts
                .get(field.name)
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
                .map(|text| json!(text)),
            Input::Hidden => None,
        }
    }
}

impl form::Draft for Draft {
    type Shown = Channel;
    const LIST: &'static str = "channels";
    const NOUN: &'static str = "channel";

    fn of(channel: &Channel) -> Self {
        let (mut texts, mut pairs) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in &channel.config {
            match value {
                Value::String(text) => {
                    texts.insert(name.clone(), text.clone());
                }
                Value::Array(items) => {
                    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    texts.insert(name.clone(), items.join(", "));
                }
                Value::Object(fields) => {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    pairs.insert(name.clone(), fields.iter().map(|(key, value)| (key.clone(), text(value))).collect());
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        Self { name: channel.name.clone(), enabled: channel.enabled, kind: channel.kind, texts, pairs }
    }

    /// A secret that is still the dots stays as it was.
    fn body(&self) -> Result<Value, Errors> {
        Ok(json!({
            "name": self.name.trim(), "type": self.kind, "enabled": self.enabled, "config": self.config(),
        }))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Draft as _;

    #[test]
    fn what_is_shown_and_not_touched_is_sent_as_it_was() {
        let shown = json!({
            "id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Ops", "type": "webhook", "enabled": true,
            "disabled_reason": null, "config": {"url": "https://a.example/", "headers": {"X-Token": "••••"}},
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        let draft = Draft::of(&serde_json::from_value(shown.clone()).unwrap());
        let body = draft.body().unwrap();
        for field in ["name", "type", "enabled", "config"] {
            assert_eq!(body[field], shown[field]);
        }
    }

    #[test]
    fn only_the_fields_of_the_chosen_kind_are_sent() {
        let texts = [("url", "https://a.example/"), ("webhook_url", " https://hooks.slack.com/x ")];
        let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let draft = Draft { kind: ChannelKind::Slack, texts, ..Draft::default() };
        assert_eq!(Value::Object(draft.config()), json!({"webhook_url": "https://hooks.slack.com/x"}));
    }
}
