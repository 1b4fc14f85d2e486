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
    limits::{
        NAME_CHARS_MAX, REPEAT_SECONDS_MAX, REPEAT_SECONDS_MIN, REPEATS_MAX, RULE_DELAY_SECONDS_MAX, RULE_POSITION_MAX,
    },
    notification::Event,
    rule::{Repeat, Rule},
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
    /// Minutes between two repetitions; empty for none.
    pub(super) repeat_minutes: String,
    pub(super) repeat_times: String,
    pub(super) position: String,
    pub(super) stop: bool,
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
            repeat_minutes: String::new(),
            repeat_times: String::from("3"),
            position: String::from("0"),
            stop: false,
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
            position: number(&self.position, &(-RULE_POSITION_MAX..=RULE_POSITION_MAX), "/position", &mut errors)
                .unwrap_or_default(),
            stop: self.stop,
            repeat: self.repeat(&mut errors),
        };
        if errors.is_empty() { Ok(rule) } else { Err(errors) }
    }
}

impl Draft {
    fn repeat(&self, errors: &mut Errors) -> Option<Repeat> {
        if self.repeat_minutes.trim().is_empty() {
            return None;
        }
        let minutes = REPEAT_SECONDS_MIN / 60..=REPEAT_SECONDS_MAX / 60;
        let minutes = number(&self.repeat_minutes, &minutes, "/repeat", errors)?;
        let times = number(&self.repeat_times, &(1..=REPEATS_MAX), "/repeat/times", errors)?;
        Some(Repeat { every_seconds: minutes * 60, times })
    }
}

impl form::Draft for Draft {
    type Shown = Rule;
    const LIST: &'static str = "rules";
    const NOUN: &'static str = "rule";

    fn of(rule: &Rule) -> Self {
        let repeat = rule.terms.repeat;
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            about: MatchDraft::of(&rule.matches),
            events: rule.events.clone(),
            channel_ids: rule.channel_ids.clone(),
            delay_seconds: rule.delay_seconds.to_string(),
            repeat_minutes: repeat.map(|repeat| (repeat.every_seconds / 60).to_string()).unwrap_or_default(),
            repeat_times: repeat.map_or(3, |repeat| repeat.times).to_string(),
            position: rule.terms.position.to_string(),
            stop: rule.terms.stop,
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
