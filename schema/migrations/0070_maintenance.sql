-- Maintenance windows as people write them, and their occurrences as the engine acts on them. An occurrence is a row before
-- it begins; once begun it is history, whatever becomes of its window, so uptime that leaves maintenance out never changes
-- afterwards.
CREATE TABLE pulse.maintenance_windows (
    org_id              uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id                  uuid NOT NULL,
    name                text NOT NULL,
    enabled             boolean NOT NULL,
    matches             jsonb NOT NULL,
    schedule            jsonb NOT NULL,
    -- Beginning of its first occurrence that is no row yet; NULL: there will be none.
    next_unplanned_at   timestamptz,
    version             bigint NOT NULL,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.maintenance_windows');
CREATE INDEX maintenance_windows_unplanned ON pulse.maintenance_windows (next_unplanned_at) WHERE next_unplanned_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.maintenance_windows TO pulse_app;
GRANT SELECT (org_id, next_unplanned_at) ON pulse.maintenance_windows TO pulse_engine;
CREATE POLICY engine ON pulse.maintenance_windows FOR SELECT TO pulse_engine USING (true);

CREATE TABLE pulse.maintenance_occurrences (
    org_id       uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    window_id    uuid NOT NULL,
    starts_at    timestamptz NOT NULL,
    -- An occurrence that is called off while it is open ends at that instant.
    ends_at      timestamptz NOT NULL,
    matches      jsonb NOT NULL,
    -- When dashboards were told that it began, and that it ended.
    opened_at    timestamptz,
    closed_at    timestamptz,
    PRIMARY KEY (org_id, window_id, starts_at),
    CHECK (ends_at > starts_at)
);
CALL pulse.wall('pulse.maintenance_occurrences');
CREATE INDEX maintenance_occurrences_ends ON pulse.maintenance_occurrences (org_id, ends_at);
CREATE INDEX maintenance_occurrences_recent ON pulse.maintenance_occurrences (ends_at);
CREATE INDEX maintenance_occurrences_unopened ON pulse.maintenance_occurrences (starts_at) WHERE opened_at IS NULL;
CREATE INDEX maintenance_occurrences_unclosed ON pulse.maintenance_occurrences (ends_at) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.maintenance_occurrences TO pulse_app;
GRANT SELECT ON pulse.maintenance_occurrences TO pulse_engine;
CREATE POLICY engine ON pulse.maintenance_occurrences FOR SELECT TO pulse_engine USING (true);

-- Which monitors a tag means, for windows that name tags.
CREATE INDEX monitors_tags ON pulse.monitors USING gin (tags);
