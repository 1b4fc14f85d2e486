-- A person's word that messages be held back for a while. One that has run out or was taken back stays, so that a timeline
-- can say what held its messages back.
CREATE TABLE pulse.silences (
    org_id       uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    matches      jsonb NOT NULL,
    incident_id  uuid,
    reason       text NOT NULL,
    starts_at    timestamptz NOT NULL,
    -- Taken back: the instant at which it was.
    until        timestamptz NOT NULL,
    created_by   uuid,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, incident_id) REFERENCES pulse.incidents (org_id, id) ON DELETE CASCADE,
    CHECK (until >= starts_at)
);
CALL pulse.wall('pulse.silences');
CREATE INDEX silences_until ON pulse.silences (org_id, until);
GRANT SELECT, INSERT, UPDATE (until) ON pulse.silences TO pulse_app;
