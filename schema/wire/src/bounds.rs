//! What the envelopes' fields may hold. The bounds of a monitor's configuration are the domain's own.
//!
//! A type with a secret in it implements `Validate` by hand: the derived code would copy the secret into its errors.

use crate::{
    auth::{Login, Register},
    channel::{WriteChannel, WritePreview},
    explanation::Replay,
    maintenance::{PreviewWindow, WriteWindow},
    on_call::{WriteOverride, WriteSchedule},
    organization::WriteOrganization,
    rule::WriteRule,
    silence::WriteSilence,
};
use pulse_domain::{
    channel,
    ids::ChannelId,
    limits::{
        CHANNEL_TEMPLATE_CHARS_MAX, COMMENT_CHARS_MAX, EMAIL_CHARS_MAX, GROUPING_TRANSITIONS_MAX,
        GROUPING_WAIT_SECONDS_MAX, GROUPING_WINDOW_SECONDS_MAX, NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN,
        REASON_CHARS_MAX, REPEAT_SECONDS_MAX, REPEAT_SECONDS_MIN, REPEATS_MAX, RETENTION_DAYS_MAX, RETENTION_DAYS_MIN,
        RULE_CHANNELS_MAX, RULE_DELAY_SECONDS_MAX, RULE_POSITION_MAX, TAG_CHARS_MAX, TAGS_MAX,
    },
    local_time::Zone,
    maintenance::Schedule,
    monitor::Check,
    notification::Event,
    on_call,
    plan::Grouping,
    role::Scope,
    rule::{Match, Repeat},
    secret::Secret,
    validate::refusal_below,
};
use std::{borrow::Cow, collections::BTreeSet, ops::RangeInclusive};
use validator::{Validate, ValidateEmail, ValidateLength, ValidationError, ValidationErrors};

/// Monitors that one rule may name; more of them are better served by a tag.
const RULE_MONITORS_MAX: usize = 500;
/// Messages that one request may name; more of them are replayed by `all`.
const REPLAY_IDS_MAX: usize = 1_000;

type Checked = Result<(), ValidationError>;

impl Validate for Register {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([
            ("email", email(&self.email)),
            ("password", password(&self.password)),
            ("name", name(&self.name)),
            ("organization", name(&self.organization)),
        ])
    }
}

impl Validate for Login {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([("email", known_email(&self.email)), ("password", known_password(&self.password))])
    }
}

/// What a kind's fields may hold is said by its description.
impl Validate for WriteChannel {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let mut errors = collect([("name", name(&self.name))]).err().unwrap_or_default();
        for violation in channel::violations(self.kind, &self.config) {
            errors.add("config", violation.into_error());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Validate for WritePreview {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([("template", length(&self.template, 1, CHANNEL_TEMPLATE_CHARS_MAX as u64))])
    }
}

/// By hand, because a derived error would name the field as Rust does and not as the body does.
impl Validate for WriteRule {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([
            ("name", name(&self.name)),
            ("match", matches(&self.matches)),
            ("events", rule_events(&self.events)),
            ("channel_ids", rule_channels(&self.channel_ids)),
            ("delay_seconds", rule_delay(self.delay_seconds)),
            ("position", rule_position(self.position)),
            ("repeat", rule_repeat(self.repeat)),
        ])
    }
}

impl Validate for WriteWindow {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([("name", name(&self.name)), ("match", untyped(&self.matches)), ("schedule", schedule(&self.schedule))])
    }
}

impl Validate for PreviewWindow {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([("schedule", schedule(&self.schedule))])
    }
}

impl Validate for WriteSilence {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let about = match self.incident_id {
            Some(_) if self.matches == Match::default() => Ok(()),
            Some(_) | None => untyped(&self.matches),
        };
        collect([("match", about), ("reason", reason(&self.reason))])
    }
}

impl Validate for WriteSchedule {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let zone =
            || self.time_zone.parse::<Zone>().map_or_else(|error| refuse("time_zone", error.to_string()), |_| Ok(()));
        let mut errors = collect([("name", name(&self.name)), ("time_zone", zone())]).err().unwrap_or_default();
        for problem in on_call::problems(&self.layers) {
            let keys: Vec<&str> = problem.below.iter().map(String::as_str).collect();
            errors.add("layers", refusal_below(problem.code, &keys, problem.detail));
        }
        for (place, layer) in self.layers.iter().enumerate() {
            if let Err(error) = name(&layer.name) {
                errors.add(
                    "layers",
                    refusal_below("length", &[&place.to_string(), "name"], error.message.unwrap_or_default()),
                );
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Validate for WriteOverride {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([("to", if self.to > self.from { Ok(()) } else { refuse("range", "must be after from") })])
    }
}

fn schedule(schedule: &Schedule) -> Checked {
    match schedule.problem() {
        None => Ok(()),
        Some(problem) => Err(refusal_below("schedule", &[problem.field], problem.detail)),
    }
}

fn reason(text: &str) -> Checked {
    if text.trim().is_empty() {
        return refuse("length", format!("must have between 1 and {REASON_CHARS_MAX} characters, not only spaces"));
    }
    length(text, 1, REASON_CHARS_MAX)
}

impl Validate for Replay {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let ids = match &self.ids {
            Some(_) if self.all => refuse("conflict", "names messages: then it can't say all"),
            Some(ids) if ids.len() <= REPLAY_IDS_MAX => Ok(()),
            Some(_) => refuse("length", format!("must name at most {REPLAY_IDS_MAX} messages")),
            None if self.all => Ok(()),
            None => refuse("required", "must name messages, or say all"),
        };
        collect([("ids", ids)])
    }
}

impl Validate for WriteOrganization {
    fn validate(&self) -> Result<(), ValidationErrors> {
        collect([
            ("results_days", retention_days(self.results_days)),
            ("rollup_days", retention_days(self.rollup_days)),
            ("grouping", grouping(self.grouping)),
        ])
    }
}

fn grouping(grouping: Grouping) -> Checked {
    let within = |what, value: u32, range: RangeInclusive<u32>| {
        if range.contains(&value) {
            return Ok(());
        }
        refuse("range", format!("{what} must be between {} and {}", range.start(), range.end()))
    };
    within("transitions", grouping.transitions, 2..=GROUPING_TRANSITIONS_MAX)?;
    within("window_seconds", grouping.window_seconds, 1..=GROUPING_WINDOW_SECONDS_MAX)?;
    within("wait_seconds", grouping.wait_seconds, 0..=GROUPING_WAIT_SECONDS_MAX)
}

fn rule_position(position: i32) -> Checked {
    if (-RULE_POSITION_MAX..=RULE_POSITION_MAX).contains(&position) {
        return Ok(());
    }
    refuse("range", format!("must be between -{RULE_POSITION_MAX} and {RULE_POSITION_MAX}"))
}

fn rule_repeat(repeat: Option<Repeat>) -> Checked {
    let Some(Repeat { every_seconds, times }) = repeat else { return Ok(()) };
    if !(REPEAT_SECONDS_MIN..=REPEAT_SECONDS_MAX).contains(&every_seconds) {
        let detail = format!("every_seconds must be between {REPEAT_SECONDS_MIN} and {REPEAT_SECONDS_MAX}");
        return refuse("range", detail);
    }
    if (1..=REPEATS_MAX).contains(&times) {
        return Ok(());
    }
    refuse("range", format!("times must be between 1 and {REPEATS_MAX}"))
}

fn retention_days(days: i32) -> Checked {
    if (RETENTION_DAYS_MIN..=RETENTION_DAYS_MAX).contains(&days) {
        return Ok(());
    }
    refuse("range", format!("must be between {RETENTION_DAYS_MIN} and {RETENTION_DAYS_MAX}"))
}

fn collect<const N: usize>(checks: [(&'static str, Checked); N]) -> Result<(), ValidationErrors> {
    let mut errors = ValidationErrors::new();
    for (field, checked) in checks {
        if let Err(error) = checked {
            errors.add(field, error);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn refuse(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Checked {
    Err(ValidationError::new(code).with_message(detail.into()))
}

fn length(text: &str, min: u64, max: u64) -> Checked {
    if text.validate_length(Some(min), Some(max), None) {
        return Ok(());
    }
    refuse("length", format!("must have between {min} and {max} characters"))
}

fn no_controls(text: &str) -> Checked {
    if text.chars().any(char::is_control) { refuse("format", "must not contain control characters") } else { Ok(()) }
}

pub(crate) fn name(text: &str) -> Checked {
    if text.trim().is_empty() {
        return refuse("length", format!("must have between 1 and {NAME_CHARS_MAX} characters, not only spaces"));
    }
    length(text, 1, NAME_CHARS_MAX)?;
    no_controls(text)
}

fn email(text: &str) -> Checked {
    length(text, 3, EMAIL_CHARS_MAX)?;
    if text.validate_email() { Ok(()) } else { refuse("email", "must be an e-mail address") }
}

fn password(secret: &Secret<String>) -> Checked {
    length(secret.expose(), PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX)?;
    let mut characters = secret.expose().chars();
    let first = characters.next();
    if characters.all(|character| Some(character) == first) {
        return refuse("weak", "must not be one character repeated");
    }
    Ok(())
}

/// At login nothing is told about what an address or a password looks like; only the work is bounded.
fn known_email(text: &str) -> Checked {
    length(text, 1, EMAIL_CHARS_MAX)
}

fn known_password(secret: &Secret<String>) -> Checked {
    length(secret.expose(), 1, PASSWORD_CHARS_MAX)
}

pub(crate) fn comment(text: &str) -> Checked {
    if text.trim().is_empty() {
        return refuse("length", format!("must have between 1 and {COMMENT_CHARS_MAX} characters, not only spaces"));
    }
    length(text, 1, COMMENT_CHARS_MAX)
}

pub(crate) fn scopes(scopes: &[Scope]) -> Checked {
    if scopes.is_empty() {
        return refuse("length", "must name at least one scope");
    }
    if scopes.iter().collect::<BTreeSet<_>>().len() < scopes.len() {
        return refuse("unique", "must not name a scope twice");
    }
    Ok(())
}

fn matches(matches: &Match) -> Checked {
    let named = !matches.monitor_ids.is_empty() || !matches.tags.is_empty();
    if matches.all && named {
        return refuse("conflict", "says all: then it names neither monitors nor tags");
    }
    if !matches.all && !named {
        return refuse("required", "must say all, or name monitors or tags");
    }
    if matches.monitor_ids.len() > RULE_MONITORS_MAX {
        return refuse("length", format!("must name at most {RULE_MONITORS_MAX} monitors"));
    }
    if matches.tags.len() > TAGS_MAX {
        return refuse("length", format!("must name at most {TAGS_MAX} tags"));
    }
    if matches.types.iter().any(|kind| !Check::KINDS.contains(&kind.as_str())) {
        return refuse("choice", format!("types must be among {}", Check::KINDS.join(", ")));
    }
    if matches.tags.iter().any(|tag| tag.trim().is_empty() || tag.chars().count() > TAG_CHARS_MAX) {
        return refuse("length", format!("a tag must have between 1 and {TAG_CHARS_MAX} characters"));
    }
    Ok(())
}

/// What keeps quiet knows monitors by their names and tags.
fn untyped(about: &Match) -> Checked {
    if !about.types.is_empty() {
        return refuse("choice", "must not name types; only rules do");
    }
    matches(about)
}

fn rule_events(events: &[Event]) -> Checked {
    if events.is_empty() {
        return refuse("length", "must name at least one event");
    }
    if events.iter().collect::<BTreeSet<_>>().len() < events.len() {
        return refuse("unique", "must not name an event twice");
    }
    if events.iter().any(|event| matches!(event, Event::ChannelTest | Event::ChannelDisabled)) {
        return refuse("choice", "channel.test and channel.disabled follow no rule");
    }
    Ok(())
}

fn rule_channels(channels: &[ChannelId]) -> Checked {
    if channels.is_empty() || channels.len() > RULE_CHANNELS_MAX {
        return refuse("length", format!("must name between 1 and {RULE_CHANNELS_MAX} channels"));
    }
    if channels.iter().collect::<BTreeSet<_>>().len() < channels.len() {
        return refuse("unique", "must not name a channel twice");
    }
    Ok(())
}

fn rule_delay(seconds: u32) -> Checked {
    if seconds <= RULE_DELAY_SECONDS_MAX {
        return Ok(());
    }
    refuse("range", format!("must be between 0 and {RULE_DELAY_SECONDS_MAX}"))
}
