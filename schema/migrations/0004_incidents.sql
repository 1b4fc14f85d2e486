CREATE TABLE pulse.incidents (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id               uuid NOT NULL,
    -- The monitor may be deleted; its incidents stay.
    monitor_id       uuid,
    monitor_name     text,
    kind             text NOT NULL CHECK (kind IN ('down', 'flapping', 'group')),
    state            text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    opened_at        timestamptz NOT NULL,
    acknowledged_at  timestamptz,
    resolved_at      timestamptz,
    cause            jsonb NOT NULL,
    opened_sequence  bigint NOT NULL,
    version          bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
CALL pulse.wall('pulse.incidents');
-- Never more than one open incident per monitor.
CREATE UNIQUE INDEX incidents_one_open ON pulse.incidents (org_id, monitor_id) WHERE state <> 'resolved' AND monitor_id IS NOT NULL;
CREATE INDEX incidents_state ON pulse.incidents (org_id, state, opened_at DESC);
CREATE INDEX incidents_monitor ON pulse.incidents (org_id, monitor_id, opened_at DESC);
GRANT SELECT, INSERT, UPDATE ON pulse.incidents TO pulse_app;

CREATE TABLE pulse.incident_events (
    org_id       uuid NOT NULL,
    incident_id  uuid NOT NULL,
    seq          bigint NOT NULL,
    at           timestamptz NOT NULL,
    kind         text NOT NULL,
    data         jsonb NOT NULL,
    PRIMARY KEY (org_id, incident_id, seq),
    FOREIGN KEY (org_id, incident_id) REFERENCES pulse.incidents (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.incident_events');
GRANT SELECT, INSERT ON pulse.incident_events TO pulse_app;
