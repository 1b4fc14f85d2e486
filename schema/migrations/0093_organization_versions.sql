-- Settings of an organization are changed by those who saw them as they are.
ALTER TABLE pulse.organizations ADD COLUMN version bigint NOT NULL DEFAULT 1;
GRANT UPDATE (version) ON pulse.organizations TO pulse_app;
