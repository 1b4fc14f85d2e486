-- The kinds of channel are known by the program (pulse_domain::channel), which refuses what it doesn't know; the table only
-- bounds the word, so that a new kind needs no migration.
ALTER TABLE pulse.notification_channels DROP CONSTRAINT notification_channels_type_check;
ALTER TABLE pulse.notification_channels
    ADD CONSTRAINT notification_channels_type_check CHECK (type ~ '^[a-z][a-z0-9_]{1,39}$');
