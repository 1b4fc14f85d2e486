-- Who runs which shard. No tenant's data: the engine's own bookkeeping.
CREATE TABLE pulse.nodes (
    incarnation   uuid PRIMARY KEY,
    name          text NOT NULL,
    state         text NOT NULL CHECK (state IN ('active', 'draining', 'gone')),
    started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
ALTER TABLE pulse.nodes OWNER TO pulse_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.nodes TO pulse_engine;
-- The API asks whether anyone is checking at all.
GRANT SELECT ON pulse.nodes TO pulse_app;

CREATE TABLE pulse.shards (
    shard       smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 1023),
    owner       uuid,
    -- Raised by every change of ownership; every commit of the engine names the one it was given.
    epoch       bigint NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE pulse.shards OWNER TO pulse_owner;
INSERT INTO pulse.shards (shard, owner, epoch) SELECT n, NULL, 0 FROM generate_series(0, 1023) AS n;
GRANT SELECT, UPDATE (owner, epoch, changed_at) ON pulse.shards TO pulse_engine;
