-- Monitors that a monitor depends on: while one of them is down, messages about it are held back.
ALTER TABLE pulse.monitors ADD COLUMN parent_ids uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX monitors_children ON pulse.monitors (org_id) WHERE parent_ids <> '{}';

-- How a rule goes on after it matched (`pulse_domain::rule::Terms`).
ALTER TABLE pulse.alert_rules ADD COLUMN terms jsonb NOT NULL DEFAULT '{}';
