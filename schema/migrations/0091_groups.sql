-- Outages that break out together are told by one incident of kind 'group'.
ALTER TABLE pulse.incidents ADD COLUMN group_id uuid;
-- Checked at the end: a group and its members are written together.
ALTER TABLE pulse.incidents
    ADD FOREIGN KEY (org_id, group_id) REFERENCES pulse.incidents (org_id, id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX incidents_group ON pulse.incidents (org_id, group_id, state) WHERE group_id IS NOT NULL;
CREATE INDEX incidents_recent ON pulse.incidents (org_id, opened_at) WHERE state <> 'resolved' AND group_id IS NULL;

-- When an organization's outages are told together (`pulse_domain::plan::Grouping`).
ALTER TABLE pulse.organizations ADD COLUMN grouping jsonb NOT NULL DEFAULT '{}';
GRANT UPDATE (grouping) ON pulse.organizations TO pulse_app;

-- Messages about one monitor, or about one group, reach a channel in order.
ALTER TABLE pulse.notifications ADD COLUMN subject uuid GENERATED ALWAYS AS (COALESCE(monitor_id, incident_id)) STORED;
DROP INDEX pulse.notifications_order;
CREATE INDEX notifications_order ON pulse.notifications (org_id, channel_id, subject, position) WHERE status IN ('pending', 'failed');
