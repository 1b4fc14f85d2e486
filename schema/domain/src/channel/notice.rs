//! The message that a channel was switched off: told through another one, since this one can't.

use super::{Channel, ChannelKind};
use crate::{
    Timestamp, idempotency,
    ids::MonitorId,
    notification::Event,
    plan::{Draft, OrgFacts, channel_test},
};
use serde_json::json;

/// What to tell, and through which channel: e-mail where there is one (owners read it), else the oldest. `None`: there is no
/// other enabled channel.
///
/// `gone` is as it was before it was switched off. Whoever tells it again tells the same message: the key is made of its
/// version, with its id in the place of a monitor's.
pub fn disabled(org: &OrgFacts, gone: &Channel, reason: &str, others: &[Channel], now: Timestamp) -> Option<Draft> {
    let able = || others.iter().filter(|other| other.enabled && other.id != gone.id);
    let through =
        able().find(|other| other.kind == ChannelKind::Email).or_else(|| able().min_by_key(|other| other.id))?;
    let event = Event::ChannelDisabled;
    let about = Some(MonitorId(gone.id.0));
    Some(Draft {
        idempotency_key: idempotency::key(org.id, about, gone.version, through.id, event, 0),
        event,
        payload: json!({
            "type": event,
            "timestamp": now,
            "data": {
                "organization": {"id": org.id, "name": org.name},
                "monitor": null,
                "incident": null,
                "transition": null,
                "channel": {"id": gone.id, "name": gone.name, "type": gone.kind, "reason": reason},
            },
        }),
        ..channel_test(org, through.id, gone.version, now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::Settings,
        ids::{ChannelId, OrgId},
        message::Message,
    };
    use uuid::Uuid;

    fn channel(id: u128, kind: ChannelKind, enabled: bool) -> Channel {
        Channel {
            org_id: OrgId(Uuid::from_u128(1)),
            id: ChannelId(Uuid::from_u128(id)),
            name: format!("channel {id}"),
            kind,
            enabled,
            disabled_reason: None,
            settings: Settings::default(),
            version: 3,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn told(others: &[Channel]) -> Option<Draft> {
        let org = OrgFacts { id: OrgId(Uuid::from_u128(1)), name: "Acme".to_owned() };
        let gone = channel(5, ChannelKind::Slack, true);
        disabled(&org, &gone, "Slack answers no_service", others, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn another_enabled_channel_hears_of_it_and_mail_first() {
        let (old, off) = (channel(2, ChannelKind::Webhook, true), channel(1, ChannelKind::Email, false));
        let (itself, mail) = (channel(5, ChannelKind::Slack, true), channel(9, ChannelKind::Email, true));
        let through = |others: &[Channel]| told(others).map(|draft| draft.channel_id);
        assert_eq!(
            through(&[itself.clone(), off.clone(), channel(7, ChannelKind::Ntfy, true), old.clone()]),
            Some(old.id)
        );
        assert_eq!(through(&[old.clone(), mail.clone()]), Some(mail.id));
        assert_eq!(through(&[itself, off]), None);
        let one = [old];
        assert_eq!(told(&one).unwrap().idempotency_key, told(&one).unwrap().idempotency_key);
    }

    #[test]
    fn it_says_which_channel_and_why() {
        let draft = told(&[channel(2, ChannelKind::Webhook, true)]).unwrap();
        let message = Message::of(&draft.payload, &draft.idempotency_key, Some("https://pulse.example"));
        assert_eq!(message.title, "The channel “channel 5” was switched off");
        assert_eq!(message.lines[0], "Slack answers no_service");
        assert!(message.link.unwrap().ends_with("/channels/00000000-0000-0000-0000-000000000005/edit"));
    }
}
