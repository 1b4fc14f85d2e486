//! Which kind of channel: all of them, narrowed down by what is typed.

use dioxus::prelude::*;
use pulse_domain::channel::ChannelKind;

#[component]
pub(super) fn KindPicker(onchoose: EventHandler<ChannelKind>) -> Element {
    let mut wanted = use_signal(String::new);
    let found: Vec<ChannelKind> =
        ChannelKind::ALL.iter().copied().filter(|kind| matches(*kind, &wanted.read())).collect();
    rsx! {
        section { class: "card",
            h2 { "Where should notifications go?" }
            div { class: "field",
                label { r#for: "kind-search", "Search" }
                input {
                    id: "kind-search",
                    r#type: "search",
                    autocomplete: "off",
                    placeholder: "Slack, pager, mail …",
                    value: "{wanted}",
                    oninput: move |event| wanted.set(event.value()),
                }
            }
            if found.is_empty() {
                p { role: "status", "No provider of that name. A webhook reaches any program." }
            }
            ul { class: "choices", "aria-label": "Kinds of channel",
                for kind in found {
                    li { key: "{kind.as_str()}",
                        button { r#type: "button", class: "choice", onclick: move |_| onchoose.call(kind),
                            strong { "{kind.about().label}" }
                            span { class: "quiet", "{kind.about().summary}" }
                        }
                    }
                }
            }
        }
    }
}

/// Every word that was typed occurs in the kind's words.
fn matches(kind: ChannelKind, wanted: &str) -> bool {
    let about = kind.about();
    let words = format!("{} {} {}", about.label, about.summary, kind.as_str()).to_lowercase();
    wanted.to_lowercase().split_whitespace().all(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_part_of_its_name_or_by_what_it_does() {
        assert!(matches(ChannelKind::PagerDuty, "pager"));
        assert!(matches(ChannelKind::PagerDuty, "alert incident"));
        assert!(matches(ChannelKind::Slack, ""));
        assert!(!matches(ChannelKind::Slack, "pager"));
    }
}
