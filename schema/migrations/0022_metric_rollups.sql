-- Metrics summed up: five minutes and an hour. Written by the engine's maintenance alone.
CREATE TABLE pulse.metric_rollups (
    org_id         uuid NOT NULL,
    series         integer NOT NULL,
    -- 300 or 3600.
    width_seconds  smallint NOT NULL CHECK (width_seconds IN (300, 3600)),
    at             timestamptz NOT NULL,
    min            double precision NOT NULL,
    max            double precision NOT NULL,
    sum            double precision NOT NULL,
    count          integer NOT NULL,
    PRIMARY KEY (org_id, series, width_seconds, at),
    FOREIGN KEY (org_id, series) REFERENCES pulse.metric_series (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.metric_rollups');
CREATE INDEX metric_rollups_age ON pulse.metric_rollups USING brin (at);
GRANT SELECT ON pulse.metric_rollups TO pulse_app;

-- Samples that came late: which hours to sum up once more.
CREATE TABLE pulse.metric_late_hours (
    org_id  uuid NOT NULL,
    series  integer NOT NULL,
    hour    timestamptz NOT NULL,
    PRIMARY KEY (org_id, series, hour),
    FOREIGN KEY (org_id, series) REFERENCES pulse.metric_series (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.metric_late_hours');
GRANT SELECT, INSERT ON pulse.metric_late_hours TO pulse_app;

-- Up to where everything is summed up: one row for the whole server, since the work goes by time and not by tenant.
CREATE TABLE pulse.metric_rollup_mark (
    single          boolean PRIMARY KEY DEFAULT true CHECK (single),
    rolled_through  timestamptz NOT NULL
);
ALTER TABLE pulse.metric_rollup_mark OWNER TO pulse_owner;
GRANT SELECT ON pulse.metric_rollup_mark TO pulse_app, pulse_engine;
-- Older samples than a day are refused, so nothing lies before this.
INSERT INTO pulse.metric_rollup_mark (rolled_through) VALUES (date_bin('1 hour', now() - interval '2 days', 'epoch'));

-- Sums up one hour of some series, or of all (NULL); doing it twice gives the same rows.
CREATE FUNCTION pulse.roll_metric_hour(wanted timestamptz, wanted_org uuid, wanted_series integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    INSERT INTO pulse.metric_rollups AS r (org_id, series, width_seconds, at, min, max, sum, count)
    SELECT m.org_id, m.series, 300, date_bin('5 minutes', m.at, 'epoch'), min(m.value), max(m.value), sum(m.value), count(*)
    FROM pulse.metrics m
    WHERE m.at >= wanted AND m.at < wanted + interval '1 hour'
      AND (wanted_org IS NULL OR (m.org_id = wanted_org AND m.series = wanted_series))
    GROUP BY 1, 2, 4
    ON CONFLICT (org_id, series, width_seconds, at)
    DO UPDATE SET min = excluded.min, max = excluded.max, sum = excluded.sum, count = excluded.count
    WHERE (r.min, r.max, r.sum, r.count) IS DISTINCT FROM (excluded.min, excluded.max, excluded.sum, excluded.count);
    INSERT INTO pulse.metric_rollups AS r (org_id, series, width_seconds, at, min, max, sum, count)
    SELECT f.org_id, f.series, 3600, wanted, min(f.min), max(f.max), sum(f.sum), sum(f.count)
    FROM pulse.metric_rollups f
    WHERE f.width_seconds = 300 AND f.at >= wanted AND f.at < wanted + interval '1 hour'
      AND (wanted_org IS NULL OR (f.org_id = wanted_org AND f.series = wanted_series))
    GROUP BY 1, 2
    ON CONFLICT (org_id, series, width_seconds, at)
    DO UPDATE SET min = excluded.min, max = excluded.max, sum = excluded.sum, count = excluded.count
    WHERE (r.min, r.max, r.sum, r.count) IS DISTINCT FROM (excluded.min, excluded.max, excluded.sum, excluded.count);
$$;

-- One step of the work: the next whole hour before `until`, or, when there is none, some late hours. Answers whether there
-- may be more. Nodes take turns by the lock; the one that does not get it has nothing to do.
CREATE FUNCTION pulse.roll_metrics(until timestamptz, late_hours integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    through timestamptz;
    late record;
    done integer := 0;
BEGIN
    SELECT rolled_through INTO through FROM pulse.metric_rollup_mark FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    IF through + interval '1 hour' <= until THEN
        PERFORM pulse.roll_metric_hour(through, NULL, NULL);
        UPDATE pulse.metric_rollup_mark SET rolled_through = through + interval '1 hour';
        RETURN true;
    END IF;
    FOR late IN
        DELETE FROM pulse.metric_late_hours l USING (
            SELECT x.org_id, x.series, x.hour FROM pulse.metric_late_hours x WHERE x.hour < through LIMIT late_hours FOR UPDATE SKIP LOCKED
        ) AS next
        WHERE l.org_id = next.org_id AND l.series = next.series AND l.hour = next.hour
        RETURNING l.org_id, l.series, l.hour
    LOOP
        PERFORM pulse.roll_metric_hour(late.hour, late.org_id, late.series);
        done := done + 1;
    END LOOP;
    RETURN done = late_hours;
END $$;

-- Forgets rollups past their age, some at a time; answers how many went.
CREATE FUNCTION pulse.drop_metric_rollups(fine_before timestamptz, coarse_before timestamptz, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM pulse.metric_rollups r USING (
        SELECT x.org_id, x.series, x.width_seconds, x.at FROM pulse.metric_rollups x
        WHERE x.at < fine_before AND (x.width_seconds = 300 OR x.at < coarse_before) LIMIT most
    ) AS old
    WHERE r.org_id = old.org_id AND r.series = old.series AND r.width_seconds = old.width_seconds AND r.at = old.at;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
ALTER FUNCTION pulse.roll_metric_hour(timestamptz, uuid, integer) OWNER TO pulse_owner;
ALTER FUNCTION pulse.roll_metrics(timestamptz, integer) OWNER TO pulse_owner;
ALTER FUNCTION pulse.drop_metric_rollups(timestamptz, timestamptz, integer) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.roll_metric_hour(timestamptz, uuid, integer), pulse.roll_metrics(timestamptz, integer),
                           pulse.drop_metric_rollups(timestamptz, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.roll_metrics(timestamptz, integer), pulse.drop_metric_rollups(timestamptz, timestamptz, integer)
    TO pulse_engine;
