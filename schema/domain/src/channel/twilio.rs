//! SMS by Twilio: <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>.
//!
//! Taken is 201 with the message's `sid`. Trouble is JSON with a `code`: <https://www.twilio.com/docs/api/errors>.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, encoded},
    text::shortened,
};
use crate::secret::Secret;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Twilio {
    account_sid: String,
    auth_token: Secret<String>,
    from: String,
    to: String,
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://api.twilio.com";
/// Three parts of a message in an alphabet with accents; more costs more and says little.
const TEXT_CHARS_MAX: usize = 200;

impl Provider for Twilio {
    const ABOUT: &'static About = &About {
        label: "Twilio SMS",
        summary: "A text message to one phone number.",
        steps: &[
            "Account SID and auth token are on the start page of the Twilio console.",
            "“From” is a number of yours there, or the SID of a messaging service (MG…).",
        ],
        documentation: "https://www.twilio.com/docs/messaging/quickstart",
        per_minute: Some(60),
        fields: &[
            Field::text("account_sid", "Account SID").example("AC…"),
            Field::text("auth_token", "Auth token").secret(),
            Field::text("from", "From").example("+15005550006"),
            Field::text("to", "To").help("With the country's code.").example("+15005550009"),
            Field::api_url(API_URL).help("For another region: https://api.dublin.ie1.twilio.com"),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let number = |text: &str| {
            text.strip_prefix('+').is_some_and(|digits| {
                (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let mut problems = Vec::new();
        if !self.account_sid.starts_with("AC") || !self.account_sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            problems.push(("account_sid", "must begin with AC".to_owned()));
        }
        if !number(&self.from) && !self.from.starts_with("MG") {
            problems.push(("from", "must be a number such as +15005550006 or a messaging service (MG…)".to_owned()));
        }
        if !number(&self.to) {
            problems.push(("to", "must be a number with the country's code, such as +15005550009".to_owned()));
        }
        problems
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let line = message.lines.first().map(|line| format!("\n{line}")).unwrap_or_default();
        let text = shortened(&format!("{}{line}", message.title), TEXT_CHARS_MAX);
        let text = message.link.as_ref().map_or(text.clone(), |link| format!("{text}\n{link}"));
        let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let path = format!("2010-04-01/Accounts/{}/Messages.json", encoded(&self.account_sid));
        let credentials = STANDARD.encode(format!("{}:{}", self.account_sid, self.auth_token.expose()));
        let fields = [(sender, self.from.as_str()), ("To", self.to.as_str()), ("Body", text.as_str())];
        let request =
            Request::form(below(&self.api_url, &path), &fields).with("authorization", format!("Basic {credentials}"));
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let code = reply.text("/code").unwrap_or_default();
        match (reply.status, code.as_str()) {
            (200..=299, _) => Judged::accepted(reply.text("/sid")),
            // Too many requests, and a queue that is full.
            (429, _) | (_, "20429" | "21611") => Judged::later("Twilio asks for patience", reply.retry_after_seconds),
            // Numbers that can't be sent from or to, regions that are not allowed, a recipient who said STOP.
            (
                400..=499,
                "21211" | "21212" | "21214" | "21408" | "21606" | "21608" | "21610" | "21612" | "21614" | "21659",
            ) => Judged::unusable(format!("Twilio: {}", exchange::said(reply))),
            _ => exchange::by_status(reply),
        }
    }
}
