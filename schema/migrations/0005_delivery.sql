CREATE TABLE pulse.notification_channels (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id               uuid NOT NULL,
    name             text NOT NULL,
    type             text NOT NULL CHECK (type IN ('webhook')),
    enabled          boolean NOT NULL,
    disabled_reason  text,
    -- What anyone of the organization may see.
    config           jsonb NOT NULL,
    -- What nobody may: field → sealed text, bound to this organization, channel, field and key.
    sealed           jsonb NOT NULL,
    version          bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.notification_channels');
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.notification_channels TO pulse_app;

CREATE TABLE pulse.alert_rules (
    org_id         uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id             uuid NOT NULL,
    name           text NOT NULL,
    enabled        boolean NOT NULL,
    matches        jsonb NOT NULL,
    events         text[] NOT NULL,
    delay_seconds  integer NOT NULL CHECK (delay_seconds BETWEEN 0 AND 86400),
    version        bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.alert_rules');
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.alert_rules TO pulse_app;

CREATE TABLE pulse.alert_rule_channels (
    org_id      uuid NOT NULL,
    rule_id     uuid NOT NULL,
    channel_id  uuid NOT NULL,
    position    integer NOT NULL,
    PRIMARY KEY (org_id, rule_id, channel_id),
    FOREIGN KEY (org_id, rule_id) REFERENCES pulse.alert_rules (org_id, id) ON DELETE CASCADE,
    -- A channel that a rule relies on can't be deleted from under it.
    FOREIGN KEY (org_id, channel_id) REFERENCES pulse.notification_channels (org_id, id) ON DELETE RESTRICT
);
CALL pulse.wall('pulse.alert_rule_channels');
CREATE INDEX alert_rule_channels_channel ON pulse.alert_rule_channels (org_id, channel_id);
GRANT SELECT, INSERT, DELETE ON pulse.alert_rule_channels TO pulse_app;

-- The outbox. Rows are written in the transaction that plans their transition; nothing is deleted unsent.
CREATE TABLE pulse.notifications (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id               uuid NOT NULL,
    idempotency_key  text NOT NULL,
    -- Order of writing: an `up` never overtakes its `down`.
    position         bigint GENERATED ALWAYS AS IDENTITY,
    event            text NOT NULL,
    monitor_id       uuid,
    incident_id      uuid,
    channel_id       uuid NOT NULL,
    sequence         bigint NOT NULL,
    payload          jsonb NOT NULL,
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed', 'dead')),
    attempts         integer NOT NULL DEFAULT 0,
    -- Attempts before the last replay: the schedule starts anew, the count of attempts goes on.
    attempts_before  integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    claim_token      uuid,
    lease_until      timestamptz,
    last_error       text,
    created_at       timestamptz NOT NULL,
    sent_at          timestamptz,
    PRIMARY KEY (org_id, id),
    -- INV-2: the same message is written once, however often it is planned.
    UNIQUE (org_id, idempotency_key)
);
CALL pulse.wall('pulse.notifications');
CREATE INDEX notifications_due ON pulse.notifications (org_id, next_attempt_at) WHERE status IN ('pending', 'failed');
CREATE INDEX notifications_order ON pulse.notifications (org_id, channel_id, monitor_id, position) WHERE status IN ('pending', 'failed');
CREATE INDEX notifications_incident ON pulse.notifications (org_id, incident_id);
CREATE INDEX notifications_list ON pulse.notifications (org_id, position DESC);
GRANT SELECT, INSERT, UPDATE ON pulse.notifications TO pulse_app;
GRANT SELECT (org_id, status, next_attempt_at, lease_until) ON pulse.notifications TO pulse_engine;
CREATE POLICY engine ON pulse.notifications FOR SELECT TO pulse_engine USING (true);

CREATE TABLE pulse.notification_attempts (
    org_id            uuid NOT NULL,
    notification_id   uuid NOT NULL,
    number            integer NOT NULL,
    at                timestamptz NOT NULL,
    latency_us        integer,
    status_code       smallint,
    error             text,
    response_excerpt  text,
    PRIMARY KEY (org_id, notification_id, number),
    FOREIGN KEY (org_id, notification_id) REFERENCES pulse.notifications (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.notification_attempts');
GRANT SELECT, INSERT ON pulse.notification_attempts TO pulse_app;
