//! An alert rule as it is typed.

use crate::{
    api,
    form::{
        self, Errors,
        text::{number, required},
    },
    parts::matching::MatchDraft,
};
use pulse_domain::{
    ids::ChannelId,
    limits::{NAME_CHARS_MAX, RULE_DELAY_SECONDS_MAX},
    notification::Event,
    rule::{Rule, Terms},
};
use pulse_wire::rule::WriteRule;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) about: MatchDraft,
    pub(super) events: Vec<Event>,
    pub(super) channel_ids: Vec<ChannelId>,
    pub(super) delay_seconds: String,
    pub(super) terms: Terms,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            about: MatchDraft::default(),
            events: vec![Event::MonitorDown, Event::MonitorUp],
            channel_ids: Vec::new(),
            delay_seconds: String::from("0"),
            terms: Terms::default(),
        }
    }
}

impl Draft {
    fn read(&self) -> Result<WriteRule, Errors> {
        let mut errors = Errors::default();
        let matches = self.about.read(&mut errors);
        if self.events.is_empty() {
            errors.add("/events", "choose at least one event");
        }
        if self.channel_ids.is_empty() {
            errors.add("/channel_ids", "choose at least one channel");
        }
        let rule = WriteRule {
            name: required(&self.name, NAME_CHARS_MAX, "/name", &mut errors),
            enabled: self.enabled,
            matches,
            events: self.events.clone(),
            channel_ids: self.channel_ids.clone(),
            delay_seconds: number(&self.delay_seconds, &(0..=RULE_DELAY_SECONDS_MAX), "/delay_seconds", &mut errors)
                .unwrap_or_default(),
            position: self.terms.position,
            stop: self.terms.stop,
            repeat: self.terms.repeat,
        };
        if errors.is_empty() { Ok(rule) } else { Err(errors) }
    }
}

impl form::Draft for Draft {
    type Shown = Rule;
    const LIST: &'static str = "rules";
    const NOUN: &'static str = "rule";

    fn of(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            about: MatchDraft::of(&rule.matches),
            events: rule.events.clone(),
            channel_ids: rule.channel_ids.clone(),
            delay_seconds: rule.delay_seconds.to_string(),
            terms: rule.terms,
        }
    }

    fn body(&self) -> Result<Value, Errors> {
        self.read().map(|rule| api::value_of(&rule))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_needs_monitors_events_and_channels() {
        let nothing = MatchDraft { all: false, ..MatchDraft::default() };
        let empty = Draft { name: "Pager".into(), about: nothing, events: Vec::new(), ..Draft::default() };
        let errors = empty.read().unwrap_err();
        for pointer in ["/match", "/events", "/channel_ids"] {
            assert!(errors.at(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn all_monitors_leave_out_what_was_chosen_before() {
        let channel: ChannelId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let about = MatchDraft { tags: "prod".into(), ..MatchDraft::default() };
        let draft = Draft { name: "Pager".into(), about, channel_ids: vec![channel], ..Draft::default() };
        let body = serde_json::to_value(draft.read().unwrap()).unwrap();
        assert_eq!(body["match"], serde_json::json!({"all": true}));
        assert_eq!(body["events"], serde_json::json!(["monitor.down", "monitor.up"]));
    }
}
