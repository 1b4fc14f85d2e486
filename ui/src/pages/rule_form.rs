//! Adding and changing an alert rule.

use crate::{
    api::{self, Tagged},
    form::{
        Errors,
        text::{number, required, tags},
    },
    live::Live,
    pages::{monitor_form::Summary, rules::NoChannel},
    parts::{
        dialog::Confirm,
        field::{CheckField, SelectField, TextField},
        loaded::use_loaded,
        page::{Fault, Loading, PageHeader},
        toast::Toasts,
    },
    platform,
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::{
    ids::{ChannelId, MonitorId, RuleId},
    limits::{NAME_CHARS_MAX, RULE_DELAY_SECONDS_MAX},
    notification::Event,
    rule::{Match, Rule},
};
use pulse_wire::{channel::Channel, page::Page, rule::WriteRule};

const DELETE: &str = "delete-rule";

#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    enabled: bool,
    all: bool,
    monitor_ids: Vec<MonitorId>,
    tags: String,
    events: Vec<Event>,
    channel_ids: Vec<ChannelId>,
    delay_seconds: String,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            all: true,
            monitor_ids: Vec::new(),
            tags: String::new(),
            events: vec![Event::MonitorDown, Event::MonitorUp],
            channel_ids: Vec::new(),
            delay_seconds: String::from("0"),
        }
    }
}

impl Draft {
    fn of(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            all: rule.matches.all,
            monitor_ids: rule.matches.monitor_ids.clone(),
            tags: rule.matches.tags.join(", "),
            events: rule.events.clone(),
            channel_ids: rule.channel_ids.clone(),
            delay_seconds: rule.delay_seconds.to_string(),
        }
    }

    fn read(&self) -> Result<WriteRule, Errors> {
        let mut errors = Errors::default();
        let matches = if self.all {
            Match { all: true, ..Match::default() }
        } else {
            Match { all: false, monitor_ids: self.monitor_ids.clone(), tags: tags(&self.tags) }
        };
        if !matches.all && matches.monitor_ids.is_empty() && matches.tags.is_empty() {
            errors.add("/match", "choose a monitor or name a tag");
        }
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
        };
        if errors.is_empty() { Ok(rule) } else { Err(errors) }
    }
}

/// Adds what is chosen, removes what is not, keeps the order.
fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T, chosen: bool) {
    list.retain(|known| *known != item);
    if chosen {
        list.push(item);
    }
}

#[component]
pub fn RuleNew() -> Element {
    let draft = use_signal(Draft::default);
    let known = use_signal(|| None);
    rsx! {
        PageHeader { title: "Add a rule", back: Route::Rules {} }
        RuleForm { draft, known }
    }
}

#[component]
pub fn RuleEdit(id: ReadSignal<RuleId>) -> Element {
    let mut known = use_signal(|| None::<Tagged<Rule>>);
    let mut draft = use_signal(Draft::default);
    let toasts: Toasts = use_context();
    let read = use_resource(move || async move {
        let tagged = api::get_tagged::<Rule>(&format!("rules/{}", id())).await?;
        draft.set(Draft::of(&tagged.value));
        known.set(Some(tagged));
        Ok::<(), api::Failure>(())
    });
    let delete = move |()| {
        spawn(async move {
            match api::delete(&format!("rules/{}", id())).await {
                Ok(()) => {
                    toasts.say("The rule was deleted.");
                    navigator().push(Route::Rules {});
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    let body = match &*read.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(())) => rsx! { RuleForm { draft, known } },
    };
    rsx! {
        PageHeader { title: "Edit rule", back: Route::Rules {},
            button { r#type: "button", class: "button danger", onclick: move |_| platform::show_dialog(DELETE), "Delete" }
        }
        {body}
        Confirm {
            id: DELETE,
            title: "Delete this rule?",
            text: "What only this rule sends is not sent any more.",
            confirm: "Delete rule",
            onconfirm: delete,
        }
    }
}

async fn save(rule: &WriteRule, known: Option<Tagged<Rule>>) -> Result<Rule, api::Failure> {
    let Some(Tagged { value, etag }) = known else { return api::post("rules", rule).await };
    let before = Draft::of(&value).read().map(|before| api::value_of(&before)).unwrap_or_default();
    let change = api::merge_patch(&before, &api::value_of(rule));
    api::patch(&format!("rules/{}", value.id), &change, etag).await
}

#[component]
fn RuleForm(draft: Signal<Draft>, known: Signal<Option<Tagged<Rule>>>) -> Element {
    let channels = use_loaded::<Page<Channel>>(|| String::from("channels?limit=200"));
    let toasts: Toasts = use_context();
    let mut errors = use_signal(Errors::default);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            let rule = match draft.peek().read() {
                Ok(rule) => rule,
                Err(wrong) => return errors.set(wrong),
            };
            busy.set(true);
            let before = known.peek().clone();
            match save(&rule, before).await {
                Ok(rule) => {
                    toasts.say(format!("“{}” is saved.", rule.name));
                    navigator().push(Route::Rules {});
                }
                Err(failure) => errors.set(failure.into()),
            }
            busy.set(false);
        });
    };
    let list = match &*channels.value.read() {
        None => return rsx! { Loading {} },
        Some(Err(failure)) => return rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => return rsx! { NoChannel {} },
        Some(Ok(page)) => page.items.clone(),
    };
    let shown = draft.read();
    rsx! {
        form { class: "form wide-form", novalidate: true, onsubmit: submit,
            Summary { errors: errors() }
            section { class: "card",
                h2 { "Rule" }
                TextField {
                    id: "name",
                    label: "Name",
                    required: true,
                    value: shown.name.clone(),
                    error: errors.read().at("/name"),
                    oninput: move |value| draft.write().name = value,
                }
                Matching { draft, errors }
            }
            section { class: "card",
                fieldset { class: "choices",
                    legend { "Events" }
                    for event in Event::ALL.iter().copied().filter(|event| *event != Event::ChannelTest && *event != Event::CertificateExpiring) {
                        CheckField {
                            key: "{event.as_str()}",
                            id: "event-{event.as_str()}",
                            label: text::event(event),
                            checked: shown.events.contains(&event),
                            onchange: move |chosen| toggle(&mut draft.write().events, event, chosen),
                        }
                    }
                    if let Some(error) = errors.read().within("/events") {
                        p { class: "field-error", "{error}" }
                    }
                }
            }
            section { class: "card",
                fieldset { class: "choices",
                    legend { "Channels" }
                    for channel in list {
                        CheckField {
                            key: "{channel.id}",
                            id: "channel-{channel.id}",
                            label: channel.name.clone(),
                            checked: shown.channel_ids.contains(&channel.id),
                            onchange: move |chosen| toggle(&mut draft.write().channel_ids, channel.id, chosen),
                        }
                    }
                    if let Some(error) = errors.read().within("/channel_ids") {
                        p { class: "field-error", "{error}" }
                    }
                }
                TextField {
                    id: "delay",
                    label: "Delay (seconds)",
                    kind: "number",
                    hint: "The first message waits this long.",
                    value: shown.delay_seconds.clone(),
                    error: errors.read().at("/delay_seconds"),
                    oninput: move |value| draft.write().delay_seconds = value,
                }
                CheckField {
                    id: "enabled",
                    label: "Enabled",
                    checked: shown.enabled,
                    onchange: move |value| draft.write().enabled = value,
                }
            }
            div { class: "actions end form-foot",
                Link { class: "button", to: Route::Rules {}, "Cancel" }
                button { class: "button primary", r#type: "submit", disabled: busy(), if busy() { "Saving…" } else { "Save rule" } }
            }
        }
    }
}

#[component]
fn Matching(draft: Signal<Draft>, errors: Signal<Errors>) -> Element {
    let live: Live = use_context();
    let shown = draft.read();
    let mut monitors: Vec<(MonitorId, String)> =
        live.monitors.read().values().map(|monitor| (monitor.id, monitor.config.name.clone())).collect();
    monitors.sort_by_key(|(_, name)| name.to_lowercase());
    let modes = [("all", "All monitors"), ("some", "Chosen monitors or tags")];
    rsx! {
        SelectField {
            id: "match",
            label: "Applies to",
            value: if shown.all { "all" } else { "some" },
            options: modes.map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec(),
            error: errors.read().at("/match"),
            onchange: move |value| draft.write().all = value == "all",
        }
        if !shown.all {
            TextField {
                id: "match-tags",
                label: "Tags",
                hint: "Separated by commas: every monitor with one of them.",
                value: shown.tags.clone(),
                error: errors.read().within("/match/tags"),
                oninput: move |value| draft.write().tags = value,
            }
            fieldset { class: "choices scrolled",
                legend { "Monitors" }
                for (id, name) in monitors {
                    CheckField {
                        key: "{id}",
                        id: "monitor-{id}",
                        label: name,
                        checked: shown.monitor_ids.contains(&id),
                        onchange: move |chosen| toggle(&mut draft.write().monitor_ids, id, chosen),
                    }
                }
                if let Some(error) = errors.read().within("/match/monitor_ids") {
                    p { class: "field-error", "{error}" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_needs_monitors_events_and_channels() {
        let empty = Draft { name: "Pager".into(), all: false, events: Vec::new(), ..Draft::default() };
        let errors = empty.read().unwrap_err();
        for pointer in ["/match", "/events", "/channel_ids"] {
            assert!(errors.at(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn all_monitors_leave_out_what_was_chosen_before() {
        let channel: ChannelId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let draft = Draft { name: "Pager".into(), tags: "prod".into(), channel_ids: vec![channel], ..Draft::default() };
        let body = serde_json::to_value(draft.read().unwrap()).unwrap();
        assert_eq!(body["match"], serde_json::json!({"all": true}));
        assert_eq!(body["events"], serde_json::json!(["monitor.down", "monitor.up"]));
    }
}
