//! What a check learned beside its verdict: the certificate, the answer of a name server, the packets.

use crate::{parts::badge::DaysBadge, parts::time::Instant, text};
use dioxus::prelude::*;
use pulse_domain::{
    Timestamp,
    outcome::{Certificate, Facts, Packets},
};

/// What was learned at that instant.
#[component]
pub(crate) fn FactsFound(facts: Box<Facts>, at: Timestamp) -> Element {
    rsx! {
        if let Some(certificate) = facts.certificate {
            CertificateFound { certificate, at }
        }
        if let Some(records) = facts.dns_answer {
            dl { class: "facts",
                div { class: "whole",
                    dt { "Answer" }
                    if records.is_empty() {
                        dd { "no record" }
                    }
                    for record in records {
                        dd { key: "{record}", class: "mono", "{record}" }
                    }
                }
            }
        }
        if let Some(packets) = facts.packets {
            PacketsFound { packets }
        }
    }
}

#[component]
fn CertificateFound(certificate: Certificate, at: Timestamp) -> Element {
    let days = certificate.days_left(at);
    rsx! {
        dl { class: "facts",
            div {
                dt { "Certificate" }
                dd { DaysBadge { days } }
            }
            div {
                dt { "Valid until" }
                dd { Instant { at: certificate.not_after } }
            }
            div {
                dt { "Valid from" }
                dd { Instant { at: certificate.not_before } }
            }
            div {
                dt { "Issuer" }
                dd { "{certificate.issuer}" }
            }
            div {
                dt { "Connection" }
                dd { "{certificate.protocol}, {text::count(certificate.chain_length as usize, \"certificate\")}" }
            }
            div { class: "whole",
                dt { "Names" }
                dd { class: "mono", "{certificate.names.join(\", \")}" }
            }
        }
    }
}

#[component]
fn PacketsFound(packets: Packets) -> Element {
    let jitter = packets.jitter_us.map_or_else(|| String::from("—"), text::latency);
    rsx! {
        dl { class: "facts",
            div {
                dt { "Packets" }
                dd { "{packets.received} of {packets.sent} came back" }
            }
            div {
                dt { "Loss" }
                dd { "{text::percent(packets.loss_percent() / 100.0)}" }
            }
            div {
                dt { "Jitter" }
                dd { "{jitter}" }
            }
        }
    }
}
