-- Channels that are tried before they are saved: the API asks, the organization's notifier sends once and answers. Nothing
-- follows from a trial, so a row lives for minutes only.
CREATE TABLE pulse.channel_trials (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id               uuid NOT NULL,
    type             text NOT NULL,
    -- As in notification_channels: what may be seen, and what is sealed.
    config           jsonb NOT NULL,
    sealed           jsonb NOT NULL,
    idempotency_key  text NOT NULL,
    payload          jsonb NOT NULL,
    created_at       timestamptz NOT NULL,
    claimed_at       timestamptz,
    attempt          jsonb,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.channel_trials');
GRANT SELECT, INSERT, DELETE, UPDATE (claimed_at, attempt) ON pulse.channel_trials TO pulse_app;
