-- Metrics are summed up a page of series at a time: an hour of all tenants in one statement grows with them and would one day
-- not end within the statement's timeout, for anybody. The mark says where the hour under way goes on; charts read sums only up
-- to the hours that are done for all.
ALTER TABLE pulse.metric_rollup_mark ADD COLUMN done_org uuid, ADD COLUMN done_series integer;

-- Sums up one hour of these series; doing it twice gives the same rows. Each series is looked up by its key, since an hour of all
-- of them is what must not be read.
CREATE FUNCTION pulse.roll_metric_page(wanted timestamptz, orgs uuid[], ids integer[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    INSERT INTO pulse.metric_rollups AS r (org_id, series, width_seconds, at, min, max, sum, count)
    SELECT p.org_id, p.series, 300, f.at, f.min, f.max, f.sum, f.count
    FROM unnest(orgs, ids) AS p (org_id, series)
    CROSS JOIN LATERAL (
        SELECT date_bin('5 minutes', m.at, 'epoch') AS at, min(m.value) AS min, max(m.value) AS max, sum(m.value) AS sum, count(*) AS count
        FROM pulse.metrics m
        WHERE m.org_id = p.org_id AND m.series = p.series AND m.at >= wanted AND m.at < wanted + interval '1 hour'
        GROUP BY 1) AS f
    ON CONFLICT (org_id, series, width_seconds, at)
    DO UPDATE SET min = excluded.min, max = excluded.max, sum = excluded.sum, count = excluded.count
    WHERE (r.min, r.max, r.sum, r.count) IS DISTINCT FROM (excluded.min, excluded.max, excluded.sum, excluded.count);
    INSERT INTO pulse.metric_rollups AS r (org_id, series, width_seconds, at, min, max, sum, count)
    SELECT p.org_id, p.series, 3600, wanted, h.min, h.max, h.sum, h.count
    FROM unnest(orgs, ids) AS p (org_id, series)
    CROSS JOIN LATERAL (
        SELECT min(f.min) AS min, max(f.max) AS max, sum(f.sum) AS sum, sum(f.count) AS count
        FROM pulse.metric_rollups f
        WHERE f.org_id = p.org_id AND f.series = p.series AND f.width_seconds = 300
          AND f.at >= wanted AND f.at < wanted + interval '1 hour'
        HAVING count(*) > 0) AS h
    ON CONFLICT (org_id, series, width_seconds, at)
    DO UPDATE SET min = excluded.min, max = excluded.max, sum = excluded.sum, count = excluded.count
    WHERE (r.min, r.max, r.sum, r.count) IS DISTINCT FROM (excluded.min, excluded.max, excluded.sum, excluded.count);
$$;

-- One step of the work: the next page of the next whole hour before `until`, or, when there is none, some late hours. Answers
-- whether there may be more. Nodes take turns by the lock; the one that does not get it has nothing to do.
CREATE FUNCTION pulse.roll_metrics(until timestamptz, late_hours integer, most_series integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    mark pulse.metric_rollup_mark;
    orgs uuid[];
    ids integer[];
    late record;
    done integer := 0;
BEGIN
    SELECT * INTO mark FROM pulse.metric_rollup_mark FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    IF mark.rolled_through + interval '1 hour' <= until THEN
        SELECT array_agg(p.org_id ORDER BY p.org_id, p.id), array_agg(p.id ORDER BY p.org_id, p.id) INTO orgs, ids
        FROM (SELECT s.org_id, s.id FROM pulse.metric_series s
              WHERE (s.org_id, s.id) > (COALESCE(mark.done_org, '00000000-0000-0000-0000-000000000000'), COALESCE(mark.done_series, 0))
              ORDER BY s.org_id, s.id LIMIT most_series) AS p;
        done := COALESCE(cardinality(ids), 0);
        IF done > 0 THEN PERFORM pulse.roll_metric_page(mark.rolled_through, orgs, ids); END IF;
        IF done < most_series THEN
            UPDATE pulse.metric_rollup_mark
            SET rolled_through = mark.rolled_through + interval '1 hour', done_org = NULL, done_series = NULL;
        ELSE
            UPDATE pulse.metric_rollup_mark SET done_org = orgs[done], done_series = ids[done];
        END IF;
        RETURN true;
    END IF;
    FOR late IN
        DELETE FROM pulse.metric_late_hours l USING (
            SELECT x.org_id, x.series, x.hour FROM pulse.metric_late_hours x
            WHERE x.hour < mark.rolled_through LIMIT late_hours FOR UPDATE SKIP LOCKED
        ) AS next
        WHERE l.org_id = next.org_id AND l.series = next.series AND l.hour = next.hour
        RETURNING l.org_id, l.series, l.hour
    LOOP
        PERFORM pulse.roll_metric_page(late.hour, ARRAY[late.org_id], ARRAY[late.series]);
        done := done + 1;
    END LOOP;
    RETURN done = late_hours;
END $$;

-- As nodes of an earlier version call it: a page of theirs and one of ours must not skip what is between.
CREATE OR REPLACE FUNCTION pulse.roll_metrics(until timestamptz, late_hours integer) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT pulse.roll_metrics(until, late_hours, 1000)
$$;
DROP FUNCTION pulse.roll_metric_hour(timestamptz, uuid, integer);

ALTER FUNCTION pulse.roll_metric_page(timestamptz, uuid[], integer[]) OWNER TO pulse_owner;
ALTER FUNCTION pulse.roll_metrics(timestamptz, integer, integer) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.roll_metric_page(timestamptz, uuid[], integer[]), pulse.roll_metrics(timestamptz, integer, integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.roll_metrics(timestamptz, integer, integer) TO pulse_engine;
