-- Metrics that hosts push. A name is long and a sample is small, so the names are written once.
CREATE TABLE pulse.metric_series (
    org_id      uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id          integer GENERATED ALWAYS AS IDENTITY,
    host        text NOT NULL,
    metric      text NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, host, metric)
);
CALL pulse.wall('pulse.metric_series');
GRANT SELECT, INSERT ON pulse.metric_series TO pulse_app;
GRANT SELECT ON pulse.metric_series TO pulse_engine;
CREATE POLICY engine ON pulse.metric_series FOR SELECT TO pulse_engine USING (true);

-- One row a sample, a partition a day. The same sample twice is one row.
CREATE TABLE pulse.metrics (
    org_id  uuid NOT NULL,
    series  integer NOT NULL,
    at      timestamptz NOT NULL,
    value   double precision NOT NULL,
    PRIMARY KEY (org_id, series, at)
) PARTITION BY RANGE (at);
CALL pulse.wall('pulse.metrics');
-- Samples come nearly in the order of time, so a coarse index finds an hour of all series.
CREATE INDEX metrics_age ON pulse.metrics USING brin (at) WITH (pages_per_range = 32);
GRANT SELECT, INSERT ON pulse.metrics TO pulse_app;
GRANT SELECT ON pulse.metrics TO pulse_engine;
CREATE POLICY engine ON pulse.metrics FOR SELECT TO pulse_engine USING (true);

-- A partition is a table of its own: reached by its own name it needs its own wall.
CREATE FUNCTION pulse.make_metric_partition(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text := format('metrics_%s', to_char(day, 'YYYYMMDD'));
BEGIN
    IF to_regclass('pulse.' || partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE pulse.%I PARTITION OF pulse.metrics FOR VALUES FROM (%L) TO (%L)',
                   partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    EXECUTE format('CALL pulse.wall(%L)', 'pulse.' || partition);
EXCEPTION WHEN duplicate_table THEN NULL;
END $$;
CREATE FUNCTION pulse.drop_metric_partitions(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text;
    dropped integer := 0;
BEGIN
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'pulse.metrics'::regclass AND c.relname < format('metrics_%s', to_char(before, 'YYYYMMDD'))
    LOOP
        EXECUTE format('DROP TABLE pulse.%I', partition);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
ALTER FUNCTION pulse.make_metric_partition(date) OWNER TO pulse_owner;
ALTER FUNCTION pulse.drop_metric_partitions(date) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.make_metric_partition(date), pulse.drop_metric_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.make_metric_partition(date), pulse.drop_metric_partitions(date) TO pulse_engine;
