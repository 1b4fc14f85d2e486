//! Channels: where notifications go. Secrets come in and never go out again.

mod create;
mod delete;
mod kinds;
mod list;
mod preview;
mod read;
mod test;
mod trial;
mod update;

use crate::{
    problem::Problem,
    shell::random_bytes,
    state::ApiState,
    stored::{Stored, Versioned},
};
use pulse_domain::{
    channel::{Channel as StoredChannel, ChannelKind, Input, MissingSecret, Settings, problems},
    ids::ChannelId,
    secret::Secret,
    validate::Violation,
    webhook::format_secret,
};
use pulse_store::{OrgTxn, StoreError};
use pulse_wire::{channel::Channel, problem::FieldError};
use serde_json::{Value, json};
use std::net::IpAddr;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_channels, create::create_channel))
        .routes(routes!(kinds::list_channel_kinds))
        .routes(routes!(trial::try_channel))
        .routes(routes!(preview::preview_template))
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
    Channel {
        id: channel.id,
        name: channel.name.clone(),
        kind: channel.kind,
        enabled: channel.enabled,
        disabled_reason: channel.disabled_reason.clone(),
        config: channel.settings.shown(channel.kind),
        secret: None,
        created_at: channel.created_at,
        updated_at: channel.updated_at,
    }
}

/// Makes what was sent ready to be stored: dots become the stored secrets, and what a delivery would not be let through to
/// is refused, as far as texts can tell. What a name resolves to is judged again at every delivery; an address that stays
/// as it was is left to that.
fn ready(
    state: &ApiState,
    kind: ChannelKind,
    settings: &mut Settings,
    stored: Option<&Settings>,
) -> Result<(), Problem> {
    keep_secrets(settings, kind, stored)?;
    let below_config = |violation: Violation| FieldError {
        pointer: format!("/config{}", violation.pointer),
        code: violation.code,
        detail: violation.detail,
    };
    let mut errors: Vec<FieldError> = problems(kind, settings).into_iter().map(below_config).collect();
    for field in kind.about().fields.iter().filter(|field| field.input == Input::Url) {
        let given = settings.expose().get(field.name);
        let changed = stored.is_none_or(|stored| stored.expose().get(field.name) != given);
        let Some(text) = given.and_then(Value::as_str).filter(|_| changed) else { continue };
        if let Err((code, detail)) = destination(state, text) {
            let pointer = format!("/config/{}", field.name);
            errors.push(FieldError { pointer, code: code.to_owned(), detail: detail.to_owned() });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

fn destination(state: &ApiState, text: &str) -> Result<(), (&'static str, &'static str)> {
    let uri: http::Uri = text.parse().map_err(|_| ("url", "must be a URL"))?;
    let encrypted = uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    if !encrypted && !state.settings.allow_plain_webhooks {
        return Err(("url", "must begin with https://"));
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let policy = &state.settings.policy;
    let allowed = match host.parse::<IpAddr>() {
        Ok(address) => policy.judge(address).is_ok(),
        Err(_) => policy.judge_name(host).is_ok(),
    };
    if allowed { Ok(()) } else { Err(("blocked", "leads to a destination that is not allowed")) }
}

/// Puts stored secrets where the sender left the dots that stand for them.
fn keep_secrets(settings: &mut Settings, kind: ChannelKind, stored: Option<&Settings>) -> Result<(), Problem> {
    let missing = settings.keep_secrets(kind, stored);
    if missing.is_empty() {
        return Ok(());
    }
    let error = |MissingSecret { keys, moved }| FieldError {
        pointer: keys.iter().fold("/config".to_owned(), |pointer, key| {
            format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
        }),
        code: "required".to_owned(),
        detail: if moved {
            "stands for a value that was given for another address; give it again".to_owned()
        } else {
            "stands for a stored value, but none is stored".to_owned()
        },
    };
    Err(Problem::invalid(missing.into_iter().map(error).collect()))
}

/// Of those kinds that sign: the secret, put beside what was given.
fn signed(kind: ChannelKind, settings: &mut Settings) -> Option<Secret<String>> {
    kind.about().field("signing_secrets")?;
    let secret = format_secret(&random_bytes());
    settings.set("signing_secrets", json!([secret.expose()]));
    Some(secret)
}
