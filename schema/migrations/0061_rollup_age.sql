-- Old sums are found by width and age. Hours stay eight times as long as five minutes and fill the room that those leave, so in a
-- block range both lie beside each other and a coarse index tells nothing apart: each look read all the hours that stay.
DROP INDEX pulse.metric_rollups_age;
CREATE INDEX metric_rollups_age ON pulse.metric_rollups (width_seconds, at);

-- Forgets rollups past their age, some at a time; answers how many went. The finer ones first: when there are few of them, the
-- rest may be hours.
CREATE OR REPLACE FUNCTION pulse.drop_metric_rollups(fine_before timestamptz, coarse_before timestamptz, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
DECLARE
    fine integer;
    coarse integer;
BEGIN
    DELETE FROM pulse.metric_rollups WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM pulse.metric_rollups WHERE width_seconds = 300 AND at < fine_before LIMIT most));
    GET DIAGNOSTICS fine = ROW_COUNT;
    DELETE FROM pulse.metric_rollups WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM pulse.metric_rollups WHERE width_seconds = 3600 AND at < coarse_before LIMIT most - fine));
    GET DIAGNOSTICS coarse = ROW_COUNT;
    RETURN fine + coarse;
END $$;
