//! Channels: where notifications go. Secrets come in and never go out again.

mod create;
mod delete;
mod list;
mod read;
mod test;
mod update;

use crate::{
    problem::Problem,
    state::ApiState,
    stored::{Stored, Versioned},
};
use pulse_domain::{channel::Channel as StoredChannel, ids::ChannelId, secret::Secret};
use pulse_store::{OrgTxn, StoreError};
use pulse_wire::{
    channel::{Channel, REDACTED, WebhookConfig, WriteWebhook},
    problem::FieldError,
};
use std::{collections::BTreeMap, net::IpAddr};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_channels, create::create_channel))
        .routes(routes!(read::read_channel, update::update_channel, delete::delete_channel))
        .routes(routes!(test::test_channel))
}

impl Stored for StoredChannel {
    type Id = ChannelId;

    async fn find(txn: &mut OrgTxn, id: ChannelId) -> Result<Option<Self>, StoreError> {
        txn.channel(id).await
    }
}

impl Versioned for StoredChannel {
    fn version(&self) -> i64 {
        self.version
    }
}

fn shown(channel: &StoredChannel) -> Channel {
    let headers = channel.webhook.headers.keys().map(|name| (name.clone(), REDACTED.to_owned())).collect();
    Channel {
        id: channel.id,
        name: channel.name.clone(),
        kind: channel.kind,
        enabled: channel.enabled,
        disabled_reason: channel.disabled_reason.clone(),
        config: WebhookConfig { url: channel.webhook.url.clone(), headers },
        secret: None,
        created_at: channel.created_at,
        updated_at: channel.updated_at,
    }
}

/// Refuses a destination that no delivery would be let through to, as far as its text can tell. What its name resolves to is
/// judged again at every delivery.
fn check_destination(state: &ApiState, text: &str) -> Result<(), Problem> {
    let refuse = |code: &str, detail: &str| Err(Problem::invalid_field("/config/url", code, detail));
    let Ok(uri) = text.parse::<http::Uri>() else { return refuse("url", "must be a URL") };
    let encrypted = uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    if !encrypted && !state.settings.allow_plain_webhooks {
        return refuse("url", "must begin with https://");
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let policy = &state.settings.policy;
    let allowed = match host.parse::<IpAddr>() {
        Ok(address) => policy.judge(address).is_ok(),
        Err(_) => policy.judge_name(host).is_ok(),
    };
    if allowed { Ok(()) } else { refuse("blocked", "leads to a destination that is not allowed") }
}

/// The headers to store: those that were sent, where `"••••"` stands for the value that is stored already.
fn kept_headers(
    sent: WriteWebhook,
    stored: Option<&BTreeMap<String, Secret<String>>>,
) -> Result<BTreeMap<String, Secret<String>>, Problem> {
    let mut errors = Vec::new();
    let mut headers = BTreeMap::new();
    for (name, value) in sent.headers {
        if value.expose() != REDACTED {
            headers.insert(name, value);
        } else if let Some(old) = stored.and_then(|stored| stored.get(&name)) {
            headers.insert(name, old.clone());
        } else {
            let pointer = format!("/config/headers/{}", name.replace('~', "~0").replace('/', "~1"));
            let detail = "stands for a stored value, but none is stored".to_owned();
            errors.push(FieldError { pointer, code: "required".to_owned(), detail });
        }
    }
    if errors.is_empty() { Ok(headers) } else { Err(Problem::invalid(errors)) }
}
