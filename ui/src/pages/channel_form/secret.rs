//! The signing secret of a new channel: shown once, with how to use it.

use crate::parts::copy::Copyable;
use dioxus::prelude::*;

/// What a receiver does with it (Standard Webhooks), in a language that most can read.
const SNIPPET: &str = r#"import { createHmac, timingSafeEqual } from "node:crypto";

// body: the raw bytes of the request, before any parsing
function verify(secret, headers, body) {
  const id = headers["webhook-id"], at = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest();
  return headers["webhook-signature"].split(" ").some((part) => {
    const given = Buffer.from(part.slice("v1,".length), "base64");
    return part.startsWith("v1,") && given.length === mac.length && timingSafeEqual(given, mac);
  });
}"#;

#[component]
pub(super) fn SecretOnce(secret: String) -> Element {
    rsx! {
        section { class: "card",
            h2 { "Signing secret" }
            p { "Copy it now: it is not shown again." }
            Copyable { id: "signing-secret", text: secret, said: "The secret is in the clipboard." }
            details { class: "more",
                summary { "How to verify a message" }
                pre { tabindex: "0", code { "{SNIPPET}" } }
            }
        }
    }
}
