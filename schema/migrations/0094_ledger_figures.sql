-- What the summary of notifications counts: what was sent lately, and what was given up.
CREATE INDEX notifications_sent ON pulse.notifications (org_id, sent_at) WHERE status = 'sent';
CREATE INDEX notifications_dead ON pulse.notifications (org_id, position) WHERE status = 'dead';
