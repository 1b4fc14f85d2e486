//! Which monitors something is about: all of them, or those chosen and tagged. Part of every form that has a `match`.

use super::{
    field::{CheckField, SelectField, TextField},
    form::Form,
};
use crate::{
    form::{Errors, Lens, text::tags},
    live::Live,
};
use dioxus::prelude::*;
use pulse_domain::{ids::MonitorId, rule::Match};

/// As it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchDraft {
    pub all: bool,
    pub monitor_ids: Vec<MonitorId>,
    pub tags: String,
    /// Check types that it is limited to; kept as they are.
    pub types: Vec<String>,
}

impl Default for MatchDraft {
    fn default() -> Self {
        Self { all: true, monitor_ids: Vec::new(), tags: String::new(), types: Vec::new() }
    }
}

impl MatchDraft {
    pub fn of(matches: &Match) -> Self {
        Self {
            all: matches.all,
            monitor_ids: matches.monitor_ids.clone(),
            tags: matches.tags.join(", "),
            types: matches.types.clone(),
        }
    }

    pub fn read(&self, errors: &mut Errors) -> Match {
        if self.all {
            return Match { all: true, types: self.types.clone(), ..Match::default() };
        }
        let matches = Match {
            all: false,
            monitor_ids: self.monitor_ids.clone(),
            tags: tags(&self.tags),
            types: self.types.clone(),
        };
        if matches.monitor_ids.is_empty() && matches.tags.is_empty() {
            errors.add("/match", "choose a monitor or name a tag");
        }
        matches
    }
}

/// Adds what is chosen, removes what is not, keeps the order.
pub fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T, chosen: bool) {
    list.retain(|known| *known != item);
    if chosen {
        list.push(item);
    }
}

#[component]
pub fn Matching<D: Clone + PartialEq + 'static>(form: Form<D>, at: Lens<D, MatchDraft>) -> Element {
    let mut draft = form.draft;
    let shown = (at.get)(&draft.read()).clone();
    rsx! {
        Choice {
            shown,
            errors: (form.errors)(),
            onchange: move |changed| *(at.get_mut)(&mut draft.write()) = changed,
        }
    }
}

/// Free of the form's type, so that its code is in the bundle once.
#[component]
fn Choice(shown: MatchDraft, errors: Errors, onchange: EventHandler<MatchDraft>) -> Element {
    let live: Live = use_context();
    let mut monitors: Vec<(MonitorId, String)> =
        live.monitors.read().values().map(|monitor| (monitor.id, monitor.config.name.clone())).collect();
    monitors.sort_by_key(|(_, name)| name.to_lowercase());
    let modes = [("all", "All monitors"), ("some", "Chosen monitors or tags")];
    let (for_all, for_tags) = (shown.clone(), shown.clone());
    rsx! {
        SelectField {
            id: "match",
            label: "Applies to",
            value: if shown.all { "all" } else { "some" },
            options: modes.map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec(),
            error: errors.at("/match"),
            onchange: move |value| onchange.call(MatchDraft { all: value == "all", ..for_all.clone() }),
        }
        if !shown.all {
            TextField {
                id: "match-tags",
                label: "Tags",
                hint: "Separated by commas: every monitor with one of them.",
                value: shown.tags.clone(),
                error: errors.within("/match/tags"),
                oninput: move |tags| onchange.call(MatchDraft { tags, ..for_tags.clone() }),
            }
            fieldset { class: "choices scrolled",
                legend { "Monitors" }
                for (id, name) in monitors {
                    CheckField {
                        key: "{id}",
                        id: "monitor-{id}",
                        label: name,
                        checked: shown.monitor_ids.contains(&id),
                        onchange: {
                            let shown = shown.clone();
                            move |chosen| {
                                let mut changed = shown.clone();
                                toggle(&mut changed.monitor_ids, id, chosen);
                                onchange.call(changed);
                            }
                        },
                    }
                }
                if let Some(error) = errors.within("/match/monitor_ids") {
                    p { class: "field-error", "{error}" }
                }
            }
        }
    }
}

/// In words: `all monitors`, `2 monitors and tags prod`.
pub fn about(matches: &Match) -> String {
    if matches.all {
        return String::from("all monitors");
    }
    let mut parts = Vec::new();
    if !matches.monitor_ids.is_empty() {
        parts.push(crate::text::count(matches.monitor_ids.len(), "monitor"));
    }
    if !matches.tags.is_empty() {
        parts.push(format!("tags {}", matches.tags.join(", ")));
    }
    parts.join(" and ")
}
