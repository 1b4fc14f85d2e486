-- Days that are over: one row a monitor and day with every outcome in it, and one with the day's sums. Both are written by the
-- engine in forms that `pulse-domain` owns; a version leads each of them. They are compressed already, so the server shall not
-- try again.
CREATE TABLE pulse.packed_days (
    org_id      uuid NOT NULL,
    monitor_id  uuid NOT NULL,
    day         date NOT NULL,
    -- How many outcomes are in it: what the day's partition is held against before it goes.
    checks      integer NOT NULL,
    form        bytea NOT NULL,
    PRIMARY KEY (org_id, monitor_id, day),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
);
ALTER TABLE pulse.packed_days ALTER COLUMN form SET STORAGE EXTERNAL;
CALL pulse.wall('pulse.packed_days');
CREATE INDEX packed_days_day ON pulse.packed_days (org_id, day);
GRANT SELECT ON pulse.packed_days TO pulse_app;
GRANT SELECT, INSERT, UPDATE (checks, form), DELETE ON pulse.packed_days TO pulse_engine;
CREATE POLICY engine ON pulse.packed_days TO pulse_engine USING (true) WITH CHECK (true);

CREATE TABLE pulse.rollup_days (
    org_id      uuid NOT NULL,
    monitor_id  uuid NOT NULL,
    day         date NOT NULL,
    -- The whole day: a few hundred bytes beside the key, so that two years are read at once.
    summary     bytea NOT NULL,
    -- The same in windows of five minutes, read only where a step is shorter than a day.
    windows     bytea NOT NULL,
    PRIMARY KEY (org_id, monitor_id, day),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
);
ALTER TABLE pulse.rollup_days ALTER COLUMN windows SET STORAGE EXTERNAL;
CALL pulse.wall('pulse.rollup_days');
CREATE INDEX rollup_days_day ON pulse.rollup_days (org_id, day);
GRANT SELECT ON pulse.rollup_days TO pulse_app;
GRANT SELECT, INSERT, UPDATE (summary, windows), DELETE ON pulse.rollup_days TO pulse_engine;
CREATE POLICY engine ON pulse.rollup_days TO pulse_engine USING (true) WITH CHECK (true);

-- Drops a day's partition if every result in it is packed; answers how many monitors' days are not. Results of monitors that
-- are gone are nobody's. The lock lets nobody add to the day between the count and the end.
CREATE FUNCTION pulse.drop_packed_partition(packed date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    partition text := format('check_results_%s', to_char(packed, 'YYYYMMDD'));
    missing bigint;
BEGIN
    IF to_regclass(format('pulse.%I', partition)) IS NULL THEN RETURN 0; END IF;
    EXECUTE format('LOCK TABLE pulse.%I IN SHARE MODE', partition);
    EXECUTE format('SELECT count(*) FROM (SELECT org_id, monitor_id, count(*) AS results FROM pulse.%I GROUP BY org_id, monitor_id) AS r
                    JOIN pulse.monitors m ON m.org_id = r.org_id AND m.id = r.monitor_id
                    LEFT JOIN pulse.packed_days p ON p.org_id = r.org_id AND p.monitor_id = r.monitor_id AND p.day = $1
                    WHERE p.checks IS NULL OR p.checks < r.results', partition) INTO missing USING packed;
    IF missing = 0 THEN EXECUTE format('DROP TABLE pulse.%I', partition); END IF;
    RETURN missing;
END $$;
ALTER FUNCTION pulse.drop_packed_partition(date) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.drop_packed_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.drop_packed_partition(date) TO pulse_engine;
