-- Numbered events of an organization: what its dashboards replay. The number comes from a row locked in the same
-- transaction, because a plain sequence lets a slow commit appear behind a reader's cursor.
CREATE TABLE pulse.org_counters (
    org_id     uuid PRIMARY KEY REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    event_seq  bigint NOT NULL
);
CALL pulse.wall('pulse.org_counters');
GRANT SELECT, INSERT, UPDATE ON pulse.org_counters TO pulse_app;

CREATE TABLE pulse.org_events (
    org_id  uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    seq     bigint NOT NULL,
    at      timestamptz NOT NULL,
    type    text NOT NULL,
    data    jsonb NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CALL pulse.wall('pulse.org_events');
GRANT SELECT, INSERT ON pulse.org_events TO pulse_app;

-- Who changed what. The app may add and read, nothing else.
CREATE TABLE pulse.audit_logs (
    org_id      uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    at          timestamptz NOT NULL,
    actor_kind  text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'system')),
    actor_id    uuid,
    action      text NOT NULL,
    target      text NOT NULL,
    detail      jsonb NOT NULL,
    ip          text,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.audit_logs');
CREATE INDEX audit_logs_at ON pulse.audit_logs (org_id, at DESC);
GRANT SELECT, INSERT ON pulse.audit_logs TO pulse_app;

-- Answers to writes that carried an Idempotency-Key, kept a day.
CREATE TABLE pulse.remembered_answers (
    org_id        uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    key           text NOT NULL,
    request_hash  bytea NOT NULL,
    status        smallint NOT NULL,
    body          bytea NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, key)
);
CALL pulse.wall('pulse.remembered_answers');
GRANT SELECT, INSERT, DELETE ON pulse.remembered_answers TO pulse_app;
