-- What a node says about itself beside its heartbeat (`pulse_domain::report::NodeReport`), so that an API process can show
-- how engines in other processes do. No tenant's data.
ALTER TABLE pulse.nodes ADD COLUMN report jsonb;
