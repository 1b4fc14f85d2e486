-- How long an organization keeps its history, in days (the bounds are those of `pulse_domain::limits`).
ALTER TABLE pulse.organizations
    ADD COLUMN results_days integer NOT NULL DEFAULT 90 CHECK (results_days BETWEEN 1 AND 800),
    ADD COLUMN rollup_days integer NOT NULL DEFAULT 800 CHECK (rollup_days BETWEEN 1 AND 800);
GRANT UPDATE (results_days, rollup_days) ON pulse.organizations TO pulse_app;
GRANT SELECT (results_days, rollup_days) ON pulse.organizations TO pulse_engine;
