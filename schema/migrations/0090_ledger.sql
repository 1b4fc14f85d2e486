-- The ledger: every message that a rule asks for, from the moment it does, whatever becomes of it.
CREATE TABLE pulse.obligations (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    -- That of the message which it becomes.
    idempotency_key  text NOT NULL,
    event            text NOT NULL,
    monitor_id       uuid,
    incident_id      uuid,
    -- Whose trouble it is: the monitor's, or the group's.
    subject          uuid NOT NULL,
    sequence         bigint NOT NULL,
    rule_id          uuid NOT NULL,
    channel_id       uuid NOT NULL,
    step             integer NOT NULL,
    at               timestamptz NOT NULL,
    standing         text NOT NULL CHECK (standing IN ('waiting', 'queued', 'dropped')),
    due_at           timestamptz,
    because          jsonb,
    -- Whether the trouble that it tells of is not over.
    live             boolean NOT NULL,
    PRIMARY KEY (org_id, idempotency_key),
    CHECK ((standing = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((standing = 'queued') = (because IS NULL))
);
CALL pulse.wall('pulse.obligations');
CREATE INDEX obligations_due ON pulse.obligations (org_id, due_at) WHERE standing = 'waiting';
CREATE INDEX obligations_live ON pulse.obligations (org_id, subject) WHERE live;
CREATE INDEX obligations_incident ON pulse.obligations (org_id, incident_id);
GRANT SELECT, INSERT, UPDATE ON pulse.obligations TO pulse_app;
GRANT SELECT (org_id, standing, due_at) ON pulse.obligations TO pulse_engine;
CREATE POLICY engine ON pulse.obligations FOR SELECT TO pulse_engine USING (true);
