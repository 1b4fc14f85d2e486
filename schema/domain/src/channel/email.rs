//! E-mail: the one kind that isn't HTTP. What the message says is decided here, how it travels by the shell.

use super::{About, Dispatch, Field, Parcel, Provider, Unsendable, slack::colour, text::html};
use crate::{
    limits::{CHANNEL_RECIPIENTS_MAX, EMAIL_CHARS_MAX},
    message::Message,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Email {
    to: Vec<String>,
}

/// A letter without its envelope's technicalities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The left side of its `Message-ID`: the same on every attempt.
    pub id: String,
    /// The left side of what all letters of one incident refer to, so that mail programs show them together.
    pub thread: String,
}

impl Provider for Email {
    const ABOUT: &'static About = &About {
        label: "E-mail",
        summary: "A letter to one or more mailboxes, a thread per incident.",
        steps: &["Give the addresses. The operator of Pulse has to have set a mail server (PULSE_SMTP_URL)."],
        documentation: "https://www.rfc-editor.org/rfc/rfc5322",
        per_minute: Some(60),
        fields: &[Field::list("to", "Recipients", CHANNEL_RECIPIENTS_MAX)
            .help("Several are separated by commas.")
            .example("ops@example.com, oncall@example.com")],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let wrong = self.to.iter().find(|address| !is_address(address));
        wrong.map(|address| ("to", format!("{address} is no e-mail address"))).into_iter().collect()
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        Ok(Dispatch::Mail(Mail {
            to: self.to.clone(),
            subject: message.title.clone(),
            text: format!("{}\n\n{}\n", message.title, message.text()),
            html: page(message),
            id: format!("pulse.{}", parcel.idempotency_key),
            thread: format!("pulse.thread.{}", message.thread),
        }))
    }
}

/// Enough to keep out what no server would take: the server has the last word.
fn is_address(text: &str) -> bool {
    let legal =
        |character: char| !character.is_whitespace() && !character.is_control() && !"<>(),;:\"".contains(character);
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    }) && text.chars().count() as u64 <= EMAIL_CHARS_MAX
        && text.chars().all(legal)
}

/// Tables and inline styles, because mail programs know little else.
fn page(message: &Message) -> String {
    let mut page = format!(
        "<!doctype html><html><body style=\"font-family:system-ui,sans-serif;font-size:15px;color:#1b2330\">\
         <div style=\"border-left:4px solid {};padding-left:16px\"><h1 style=\"font-size:19px;margin:0 0 12px\">{}</h1>",
        colour(message.severity),
        html(&message.title),
    );
    for line in &message.lines {
        page = page + "<p style=\"margin:0 0 12px\">" + &html(line) + "</p>";
    }
    page += "<table style=\"border-collapse:collapse\">";
    for fact in &message.facts {
        let cell = "<td style=\"padding:4px 16px 4px 0;vertical-align:top\">";
        page = page + "<tr>" + cell + &html(&fact.name) + "</td>" + cell + &html(&fact.value) + "</td></tr>";
    }
    page += "</table><p style=\"margin:16px 0 0\">";
    for (words, url) in message.links() {
        page = page + "<a href=\"" + &html(url) + "\" style=\"margin-right:16px\">" + words + "</a>";
    }
    page + "</p></div></body></html>\n"
}
