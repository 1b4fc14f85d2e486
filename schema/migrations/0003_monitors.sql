-- What is watched, and what the engine concludes about it. Two tables, because people write the one and checks the other.
CREATE TABLE pulse.monitors (
    org_id           uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id               uuid NOT NULL,
    -- hash(id) mod 1024: which owner runs it.
    shard            smallint NOT NULL,
    name             text NOT NULL,
    enabled          boolean NOT NULL,
    tags             text[] NOT NULL,
    interval_seconds integer NOT NULL CHECK (interval_seconds BETWEEN 5 AND 86400),
    timeout_ms       integer NOT NULL CHECK (timeout_ms BETWEEN 100 AND 60000),
    check_type       text NOT NULL,
    -- One line: a URL or host:port; for lists and search.
    target           text NOT NULL,
    spec             jsonb NOT NULL,
    assertions       jsonb NOT NULL,
    policy           jsonb NOT NULL,
    version          bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.monitors');
CREATE INDEX monitors_shard ON pulse.monitors (shard) WHERE enabled;
CREATE INDEX monitors_updated ON pulse.monitors (updated_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.monitors TO pulse_app;
GRANT SELECT ON pulse.monitors TO pulse_engine;
CREATE POLICY engine ON pulse.monitors FOR SELECT TO pulse_engine USING (true);

CREATE TABLE pulse.monitor_state (
    org_id        uuid NOT NULL,
    monitor_id    uuid NOT NULL,
    shard         smallint NOT NULL,
    status        text NOT NULL CHECK (status IN ('pending', 'up', 'degraded', 'down', 'paused')),
    status_since  timestamptz NOT NULL,
    flapping      boolean NOT NULL,
    -- The hysteresis as it stands (status, window, streaks): a restart goes on from here.
    health        jsonb NOT NULL,
    -- Number of the last transition; a commit names the one before its own.
    sequence      bigint NOT NULL,
    last_at       timestamptz,
    last_outcome  jsonb,
    PRIMARY KEY (org_id, monitor_id),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
CALL pulse.wall('pulse.monitor_state');
CREATE INDEX monitor_state_status ON pulse.monitor_state (org_id, status);
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.monitor_state TO pulse_app;
GRANT SELECT, UPDATE (status, status_since, flapping, health, sequence, last_at, last_outcome) ON pulse.monitor_state TO pulse_engine;
CREATE POLICY engine ON pulse.monitor_state TO pulse_engine USING (true) WITH CHECK (true);

-- One row a check, a partition a day. `at` is the instant the check was due, so the same check written twice is one row.
CREATE TABLE pulse.check_results (
    org_id         uuid NOT NULL,
    monitor_id     uuid NOT NULL,
    at             timestamptz NOT NULL,
    verdict        smallint NOT NULL,
    reason         smallint,
    status_code    smallint,
    latency_us     integer,
    dns_us         integer,
    connect_us     integer,
    tls_us         integer,
    first_byte_us  integer,
    detail         text,
    PRIMARY KEY (org_id, monitor_id, at)
) PARTITION BY RANGE (at);
CALL pulse.wall('pulse.check_results');
GRANT SELECT ON pulse.check_results TO pulse_app;
GRANT SELECT, INSERT ON pulse.check_results TO pulse_engine;
CREATE POLICY engine ON pulse.check_results TO pulse_engine USING (true) WITH CHECK (true);

-- A partition is a table of its own: reached by its own name it needs its own wall.
CREATE FUNCTION pulse.make_result_partition(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text := format('check_results_%s', to_char(day, 'YYYYMMDD'));
BEGIN
    IF to_regclass('pulse.' || partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE pulse.%I PARTITION OF pulse.check_results FOR VALUES FROM (%L) TO (%L)',
                   partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    EXECUTE format('CALL pulse.wall(%L)', 'pulse.' || partition);
EXCEPTION WHEN duplicate_table THEN NULL;
END $$;
CREATE FUNCTION pulse.drop_result_partitions(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text;
    dropped integer := 0;
BEGIN
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'pulse.check_results'::regclass AND c.relname < format('check_results_%s', to_char(before, 'YYYYMMDD'))
    LOOP
        EXECUTE format('DROP TABLE pulse.%I', partition);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
ALTER FUNCTION pulse.make_result_partition(date) OWNER TO pulse_owner;
ALTER FUNCTION pulse.drop_result_partitions(date) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.make_result_partition(date), pulse.drop_result_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.make_result_partition(date), pulse.drop_result_partitions(date) TO pulse_engine;
GRANT EXECUTE ON PROCEDURE pulse.wall(regclass, text) TO pulse_owner;

-- Every change of status: the rows that incidents and notifications hang on.
CREATE TABLE pulse.transitions (
    org_id           uuid NOT NULL,
    monitor_id       uuid NOT NULL,
    sequence         bigint NOT NULL,
    at               timestamptz NOT NULL,
    from_status      text NOT NULL,
    to_status        text NOT NULL,
    flapping_before  boolean NOT NULL,
    flapping_after   boolean NOT NULL,
    reason           smallint,
    detail           text NOT NULL,
    committed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the incident actor wrote what follows from it.
    planned_at       timestamptz,
    PRIMARY KEY (org_id, monitor_id, sequence),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.transitions');
CREATE INDEX transitions_unplanned ON pulse.transitions (org_id, monitor_id, sequence) WHERE planned_at IS NULL;
GRANT SELECT, INSERT, UPDATE (planned_at) ON pulse.transitions TO pulse_app;
GRANT SELECT, INSERT ON pulse.transitions TO pulse_engine;
CREATE POLICY engine ON pulse.transitions TO pulse_engine USING (true) WITH CHECK (true);

-- "Probe this now": asked by the API, answered by the engine. They meet in this row.
CREATE TABLE pulse.probe_requests (
    org_id      uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    -- The monitor to check now; NULL: the configuration beside it, before it is saved.
    monitor_id  uuid,
    config      jsonb,
    created_at  timestamptz NOT NULL,
    claimed_at  timestamptz,
    outcome     jsonb,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE,
    CHECK ((monitor_id IS NULL) <> (config IS NULL))
);
CALL pulse.wall('pulse.probe_requests');
CREATE INDEX probe_requests_open ON pulse.probe_requests (created_at) WHERE claimed_at IS NULL;
GRANT SELECT, INSERT, DELETE ON pulse.probe_requests TO pulse_app;
GRANT SELECT, UPDATE (claimed_at, outcome), DELETE ON pulse.probe_requests TO pulse_engine;
CREATE POLICY engine ON pulse.probe_requests TO pulse_engine USING (true) WITH CHECK (true);

-- Trouble first: the order of lists (the same as `pulse_domain::status::Status`).
CREATE FUNCTION pulse.status_rank(status text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE status WHEN 'down' THEN 0 WHEN 'degraded' THEN 1 WHEN 'pending' THEN 2 WHEN 'up' THEN 3 ELSE 4 END;
ALTER FUNCTION pulse.status_rank(text) OWNER TO pulse_owner;
