//! Test: one check of what the form describes, before anything is saved.

use crate::{
    api,
    form::{Errors, monitor::MonitorDraft},
    pages::monitor::facts::FactsFound,
    parts::{badge::VerdictBadge, chart::phases, form::Form},
    text,
};
use dioxus::prelude::*;
use pulse_wire::monitor::MonitorOutcome;

#[component]
pub(super) fn TestRun(form: Form<MonitorDraft>) -> Element {
    let (draft, mut errors) = (form.draft, form.errors);
    let mut found = use_signal(|| None::<MonitorOutcome>);
    let mut busy = use_signal(|| false);
    let run = move |_| {
        spawn(async move {
            let config = match draft.peek().read() {
                Ok(config) => config,
                Err(wrong) => return errors.set(wrong),
            };
            errors.set(Errors::default());
            // Of a monitor that is there, the credentials shown as dots are the stored ones.
            let path =
                form.id().map_or_else(|| "monitors/test".to_owned(), |id| format!("monitors/test?monitor_id={id}"));
            busy.set(true);
            match api::post::<MonitorOutcome>(&path, &config).await {
                Ok(outcome) => found.set(Some(outcome)),
                Err(failure) => {
                    found.set(None);
                    errors.set(failure.into());
                }
            }
            busy.set(false);
        });
    };
    rsx! {
        section { class: "card",
            div { class: "card-head",
                div {
                    h2 { "Test" }
                    p { class: "field-hint", "Runs this check once, now. Nothing is saved." }
                }
                button { r#type: "button", class: "button", disabled: busy(), onclick: run,
                    if busy() { "Testing…" } else { "Test" }
                }
            }
            div { role: "status", "aria-live": "polite",
                if let Some(found) = found() {
                    Found { found }
                }
            }
        }
    }
}

#[component]
fn Found(found: MonitorOutcome) -> Element {
    let outcome = found.outcome;
    rsx! {
        div { class: "test-result", "data-verdict": "{outcome.verdict:?}",
            p {
                VerdictBadge { verdict: outcome.verdict }
                if let Some(reason) = outcome.reason {
                    strong { " {text::reason(reason)}" }
                }
                " {outcome.detail}"
            }
            dl { class: "phases",
                for (name, us) in phases(&outcome) {
                    div { key: "{name}", dt { "{name}" } dd { "{text::latency(us)}" } }
                }
            }
            if let Some(facts) = &outcome.facts {
                FactsFound { facts: facts.clone(), at: outcome.at }
            }
        }
    }
}
