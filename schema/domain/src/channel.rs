//! Where notifications go: one kind of channel, one file, and one line in the list below.
//!
//! ```text
//! Settings (what a person gave) ─┐
//! Message  (what happened)      ─┴─> prepare ─> Dispatch ─> the shell sends ─> Reply ─> judge ─> Judged
//! ```
//!
//! A kind describes its fields once: the checks of the API, the sealing of the store and the form of the web app all read
//! that description. It says what to send and what an answer means; it never sends.

#[cfg(feature = "validate")]
mod check;
mod description;
mod discord;
mod email;
mod exchange;
mod google_chat;
mod gotify;
mod home_assistant;
mod matrix;
mod mattermost;
pub mod notice;
mod ntfy;
mod opsgenie;
pub mod pace;
mod pagerduty;
mod pushover;
mod rocket_chat;
mod settings;
mod slack;
mod splunk_on_call;
mod teams;
mod telegram;
pub mod template;
#[cfg(test)]
mod tests;
mod text;
mod twilio;
mod webhook;
mod zulip;

use crate::{
    Timestamp,
    ids::{ChannelId, OrgId},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[cfg(feature = "validate")]
pub use check::{problems, violations};
pub use description::{About, Field, Input};
pub use email::Mail;
pub use exchange::{Dispatch, Judged, Method, Parcel, Reply, Request, Unsendable};
pub use settings::{MissingSecret, Settings};

/// What a kind of channel is made of. Its fields are the fields of `About`.
trait Provider: DeserializeOwned {
    const ABOUT: &'static About;

    /// What is wrong with fields that are each legal: a field's name and why.
    #[cfg_attr(not(feature = "validate"), expect(dead_code, reason = "asked where people's input is read"))]
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What to send. Everything that the provider drops duplicates by follows from the idempotency key.
    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable>;

    /// What an answer means.
    fn judge(reply: &Reply<'_>) -> Judged {
        exchange::by_status(reply)
    }
}

macro_rules! kinds {
    ($($variant:ident $text:literal $config:path),+ $(,)?) => {
        /// The kinds of channel that exist.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum ChannelKind { $(#[serde(rename = $text)] $variant),+ }

        impl ChannelKind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }

            pub fn about(self) -> &'static About {
                match self { $(Self::$variant => <$config as Provider>::ABOUT),+ }
            }

            /// What to send for a message, or why nothing can be.
            pub fn prepare(self, settings: &Settings, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
                match self { $(Self::$variant => settings.read::<$config>()?.prepare(parcel)),+ }
            }

            /// What the provider's answer means.
            pub fn judge(self, reply: &Reply<'_>) -> Judged {
                match self { $(Self::$variant => <$config as Provider>::judge(reply)),+ }
            }

            /// What is wrong with settings whose fields are each legal.
            #[cfg(feature = "validate")]
            fn problems(self, settings: &Settings) -> Vec<(&'static str, String)> {
                match self { $(Self::$variant => {
                    settings.read::<$config>().map_or_else(|_| Vec::new(), |config| config.problems())
                }),+ }
            }
        }
    };
}

kinds! {
    Webhook "webhook" webhook::Webhook,
    Email "email" email::Email,
    Slack "slack" slack::Slack,
    Discord "discord" discord::Discord,
    Teams "teams" teams::Teams,
    GoogleChat "google_chat" google_chat::GoogleChat,
    Telegram "telegram" telegram::Telegram,
    Mattermost "mattermost" mattermost::Mattermost,
    RocketChat "rocket_chat" rocket_chat::RocketChat,
    Matrix "matrix" matrix::Matrix,
    Zulip "zulip" zulip::Zulip,
    PagerDuty "pagerduty" pagerduty::PagerDuty,
    Opsgenie "opsgenie" opsgenie::Opsgenie,
    SplunkOnCall "splunk_on_call" splunk_on_call::SplunkOnCall,
    Twilio "twilio_sms" twilio::Twilio,
    Pushover "pushover" pushover::Pushover,
    Ntfy "ntfy" ntfy::Ntfy,
    Gotify "gotify" gotify::Gotify,
    HomeAssistant "home_assistant" home_assistant::HomeAssistant,
    Template "template" template::Template,
}

/// A channel with its secrets opened: what a delivery needs. Not serializable, so that it can't leave by accident.
#[derive(Clone, Debug)]
pub struct Channel {
    pub org_id: OrgId,
    pub id: ChannelId,
    pub name: String,
    pub kind: ChannelKind,
    pub enabled: bool,
    /// Why Pulse itself switched it off (a permanent error such as 410), until a person enables it again.
    pub disabled_reason: Option<String>,
    pub settings: Settings,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
