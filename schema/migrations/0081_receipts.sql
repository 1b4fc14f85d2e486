-- The provider's own name for what it took: an alert's key, a message's id. What a person needs to find it there.
ALTER TABLE pulse.notification_attempts ADD COLUMN receipt text;
