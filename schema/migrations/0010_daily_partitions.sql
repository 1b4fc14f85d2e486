-- Tables in partitions of a day: made ahead by one function, and dropped whole by another. What may be named is a list, so
-- that a definer function never makes a table of somebody's choosing.
CREATE TABLE pulse.daily_tables (
    name    text PRIMARY KEY,
    -- Its days are packed before they go, so they are never dropped by age alone.
    packed  boolean NOT NULL
);
ALTER TABLE pulse.daily_tables OWNER TO pulse_owner;
GRANT SELECT ON pulse.daily_tables TO pulse_engine;
INSERT INTO pulse.daily_tables (name, packed) VALUES ('check_results', true);

-- Where a result lands whose day has no partition: none made yet, or packed and dropped already. Without it a late result would
-- be refused, and whatever waits behind it held up.
CREATE TABLE pulse.check_results_late PARTITION OF pulse.check_results DEFAULT;
CALL pulse.wall('pulse.check_results_late');
GRANT SELECT, DELETE ON pulse.check_results_late TO pulse_engine;
CREATE POLICY engine ON pulse.check_results_late TO pulse_engine USING (true);

DROP FUNCTION pulse.make_result_partition(date);
DROP FUNCTION pulse.drop_result_partitions(date);

-- A partition is a table of its own: reached by its own name it needs its own wall. Attaching one that is made already takes
-- a weaker lock on the parent than making it in place, so that nobody's results wait for it.
CREATE FUNCTION pulse.make_day_partition(parent text, day date) RETURNS void
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
    EXECUTE format('CREATE TABLE pulse.%I (LIKE pulse.%I INCLUDING ALL)', partition, parent);
    EXECUTE format('CALL pulse.wall(%L)', format('pulse.%I', partition));
    -- Results of this day may be waiting for it.
    IF to_regclass(format('pulse.%I', late)) IS NOT NULL THEN
        EXECUTE format('WITH moved AS (DELETE FROM pulse.%I WHERE at >= $1 AND at < $2 RETURNING *)
                        INSERT INTO pulse.%I SELECT * FROM moved', late, partition) USING first, beyond;
    END IF;
    EXECUTE format('ALTER TABLE pulse.%I ATTACH PARTITION pulse.%I FOR VALUES FROM (%L) TO (%L)', parent, partition, first, beyond);
EXCEPTION WHEN duplicate_table THEN NULL;
END $$;

-- Days of tables that aren't packed: older is of no use to anyone.
CREATE FUNCTION pulse.drop_day_partitions(parent text, before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text;
    dropped integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM pulse.daily_tables WHERE name = parent AND NOT packed) THEN
        RAISE EXCEPTION '% does not drop its days by age', parent;
    END IF;
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = format('pulse.%I', parent)::regclass AND c.relname ~ '_[0-9]{8}$'
          AND right(c.relname, 8) < to_char(before, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE pulse.%I', partition);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
ALTER FUNCTION pulse.make_day_partition(text, date) OWNER TO pulse_owner;
ALTER FUNCTION pulse.drop_day_partitions(text, date) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.make_day_partition(text, date), pulse.drop_day_partitions(text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.make_day_partition(text, date), pulse.drop_day_partitions(text, date) TO pulse_engine;
