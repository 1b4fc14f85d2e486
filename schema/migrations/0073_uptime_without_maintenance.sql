-- Whether an organization's uptime leaves the time of maintenance out.
ALTER TABLE pulse.organizations ADD COLUMN uptime_excludes_maintenance boolean NOT NULL DEFAULT false;
GRANT UPDATE (uptime_excludes_maintenance) ON pulse.organizations TO pulse_app;
