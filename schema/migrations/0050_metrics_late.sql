-- Samples whose day has no partition are kept like late results: a server may take metrics before any engine has run, and it
-- must not refuse them. From here on their days are made and dropped by the functions that every table of days has.
INSERT INTO pulse.daily_tables (name, packed) VALUES ('metrics', false);
CREATE TABLE pulse.metrics_late PARTITION OF pulse.metrics DEFAULT;
CALL pulse.wall('pulse.metrics_late');

-- As before, but nobody adds to the late rows between their move and the attaching, which would then fail. The parent is locked
-- first, as dropping a partition does, so that the two never wait for each other; writers of other days go on.
CREATE OR REPLACE FUNCTION pulse.make_day_partition(parent text, day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
    late text := format('%s_late', parent);
    first timestamptz := day::timestamp AT TIME ZONE 'UTC';
    beyond timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF NOT EXISTS (SELECT FROM pulse.daily_tables WHERE name = parent) THEN
        RAISE EXCEPTION '% is not a table in partitions of a day', parent;
    END IF;
    IF to_regclass(format('pulse.%I', partition)) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('LOCK TABLE ONLY pulse.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    EXECUTE format('CREATE TABLE pulse.%I (LIKE pulse.%I INCLUDING ALL)', partition, parent);
    EXECUTE format('CALL pulse.wall(%L)', format('pulse.%I', partition));
    IF to_regclass(format('pulse.%I', late)) IS NOT NULL THEN
        EXECUTE format('LOCK TABLE pulse.%I IN ACCESS EXCLUSIVE MODE', late);
        EXECUTE format('WITH moved AS (DELETE FROM pulse.%I WHERE at >= $1 AND at < $2 RETURNING *)
                        INSERT INTO pulse.%I SELECT * FROM moved', late, partition) USING first, beyond;
    END IF;
    EXECUTE format('ALTER TABLE pulse.%I ATTACH PARTITION pulse.%I FOR VALUES FROM (%L) TO (%L)', parent, partition, first, beyond);
EXCEPTION WHEN duplicate_table THEN NULL;
END $$;

CREATE OR REPLACE FUNCTION pulse.make_metric_partition(day date) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT pulse.make_day_partition('metrics', day)
$$;

-- Late samples go at the same age. After the days, whose locks come first.
CREATE OR REPLACE FUNCTION pulse.drop_metric_partitions(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    dropped integer := pulse.drop_day_partitions('metrics', before);
BEGIN
    DELETE FROM pulse.metrics_late WHERE at < before::timestamp AT TIME ZONE 'UTC';
    RETURN dropped;
END $$;
