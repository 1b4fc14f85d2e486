-- Jobs that report by themselves: the secret URL of each push monitor, and every call of it.
CREATE TABLE pulse.push_urls (
    org_id       uuid NOT NULL,
    monitor_id   uuid NOT NULL,
    -- SHA-256 of the token's text: what a call is looked up by.
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    -- The token itself, sealed, because people copy the URL more than once.
    token_sealed text NOT NULL,
    PRIMARY KEY (org_id, monitor_id),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.push_urls');
GRANT SELECT, INSERT, UPDATE (token_hash, token_sealed) ON pulse.push_urls TO pulse_app;

-- One row a call, written before it is answered. Kinds: 0 start, 1 success, 2 failure (`pulse_domain::push::PushKind`).
CREATE TABLE pulse.pushes (
    org_id       uuid NOT NULL,
    monitor_id   uuid NOT NULL,
    at           timestamptz NOT NULL,
    kind         smallint NOT NULL CHECK (kind BETWEEN 0 AND 2),
    exit_code    smallint CHECK (exit_code BETWEEN 0 AND 255),
    duration_ms  bigint CHECK (duration_ms >= 0),
    message      text,
    PRIMARY KEY (org_id, monitor_id, at),
    FOREIGN KEY (org_id, monitor_id) REFERENCES pulse.monitors (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.pushes');
-- For the engine's look at what a doorbell may have been missed for.
CREATE INDEX pushes_recent ON pulse.pushes (at);
GRANT SELECT, INSERT ON pulse.pushes TO pulse_app;
GRANT SELECT ON pulse.pushes TO pulse_engine;
CREATE POLICY engine ON pulse.pushes FOR SELECT TO pulse_engine USING (true);

-- Whose token is it? Only push monitors answer; a monitor that became something else keeps its token for later.
CREATE FUNCTION pulse.push_by_hash(wanted bytea)
    RETURNS TABLE (org_id uuid, monitor_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT u.org_id, u.monitor_id
    FROM pulse.push_urls u JOIN pulse.monitors m ON m.org_id = u.org_id AND m.id = u.monitor_id
    WHERE u.token_hash = wanted AND m.check_type = 'push'
$$;
ALTER FUNCTION pulse.push_by_hash(bytea) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.push_by_hash(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.push_by_hash(bytea) TO pulse_app;

-- Keeps the newest calls of each monitor of these shards; answers how many went.
CREATE FUNCTION pulse.sweep_pushes(first_shard smallint, last_shard smallint, kept integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    WITH oldest AS (
        SELECT m.org_id, m.id, (SELECT p.at FROM pulse.pushes p WHERE p.org_id = m.org_id AND p.monitor_id = m.id
                                ORDER BY p.at DESC OFFSET kept - 1 LIMIT 1) AS at
        FROM pulse.monitors m JOIN pulse.push_urls u ON u.org_id = m.org_id AND u.monitor_id = m.id
        WHERE m.shard BETWEEN first_shard AND last_shard
    ), gone AS (
        DELETE FROM pulse.pushes p USING oldest o
        WHERE p.org_id = o.org_id AND p.monitor_id = o.id AND p.at < o.at RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
ALTER FUNCTION pulse.sweep_pushes(smallint, smallint, integer) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.sweep_pushes(smallint, smallint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.sweep_pushes(smallint, smallint, integer) TO pulse_engine;
