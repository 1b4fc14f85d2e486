-- One monitor of a shard is found as fast as all of them: the engine asks for both by a range of ids.
DROP INDEX pulse.monitors_shard;
CREATE INDEX monitors_shard ON pulse.monitors (shard, id) WHERE enabled;
