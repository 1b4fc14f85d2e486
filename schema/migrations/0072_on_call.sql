-- Who is called when: a schedule with its layers, and the shifts that others took over.
CREATE TABLE pulse.on_call_schedules (
    org_id      uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL,
    time_zone   text NOT NULL,
    -- In order; a later one stands above the ones before it.
    layers      jsonb NOT NULL,
    version     bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.on_call_schedules');
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.on_call_schedules TO pulse_app;

CREATE TABLE pulse.on_call_overrides (
    org_id       uuid NOT NULL,
    schedule_id  uuid NOT NULL,
    -- Made of time: a later one stands above the ones before it.
    id           uuid NOT NULL,
    user_id      uuid NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    PRIMARY KEY (org_id, schedule_id, id),
    FOREIGN KEY (org_id, schedule_id) REFERENCES pulse.on_call_schedules (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, user_id) REFERENCES pulse.users (org_id, id) ON DELETE CASCADE,
    CHECK (ends_at > starts_at)
);
CALL pulse.wall('pulse.on_call_overrides');
GRANT SELECT, INSERT, DELETE ON pulse.on_call_overrides TO pulse_app;
