-- Organizations, their people, and what people and machines show to be let in.
CREATE TABLE pulse.organizations (
    id          uuid PRIMARY KEY,
    slug        text NOT NULL UNIQUE,
    name        text NOT NULL,
    -- The shard of its desk: where its incident and notifier actors live.
    desk        smallint NOT NULL,
    created_at  timestamptz NOT NULL
);
CALL pulse.wall('pulse.organizations', 'id');
CREATE INDEX organizations_desk ON pulse.organizations (desk);
GRANT SELECT, INSERT ON pulse.organizations TO pulse_app;
GRANT SELECT (id, desk) ON pulse.organizations TO pulse_engine;
CREATE POLICY engine ON pulse.organizations FOR SELECT TO pulse_engine USING (true);

CREATE TABLE pulse.users (
    org_id        uuid NOT NULL REFERENCES pulse.organizations (id) ON DELETE CASCADE,
    id            uuid NOT NULL,
    -- One account an address, whatever the organization (INV-3): login looks it up alone.
    email         text NOT NULL UNIQUE CHECK (email = lower(email)),
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('owner', 'admin', 'operator', 'viewer')),
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, id)
);
CALL pulse.wall('pulse.users');
GRANT SELECT, INSERT, UPDATE ON pulse.users TO pulse_app;

CREATE TABLE pulse.sessions (
    org_id       uuid NOT NULL,
    id           uuid NOT NULL,
    user_id      uuid NOT NULL,
    -- SHA-256 of the cookie's 256 random bits; the token itself is nowhere.
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    user_agent   text NOT NULL,
    ip           text NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES pulse.users (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.sessions');
CREATE INDEX sessions_user ON pulse.sessions (org_id, user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.sessions TO pulse_app;

CREATE TABLE pulse.api_keys (
    org_id       uuid NOT NULL,
    id           uuid NOT NULL,
    -- The public half: `pulse_<key_id>_<secret>`.
    key_id       text NOT NULL UNIQUE,
    secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    name         text NOT NULL,
    scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'write', 'ingest']),
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, created_by) REFERENCES pulse.users (org_id, id) ON DELETE CASCADE
);
CALL pulse.wall('pulse.api_keys');
GRANT SELECT, INSERT, UPDATE, DELETE ON pulse.api_keys TO pulse_app;

-- The look-ups that must cross tenants, each returning only what letting someone in needs.
CREATE FUNCTION pulse.login_by_email(wanted text)
    RETURNS TABLE (org_id uuid, user_id uuid, email text, name text, role text, password_hash text, org_name text, org_slug text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT u.org_id, u.id, u.email, u.name, u.role, u.password_hash, o.name, o.slug
    FROM pulse.users u JOIN pulse.organizations o ON o.id = u.org_id WHERE u.email = lower(wanted)
$$;
CREATE FUNCTION pulse.session_by_hash(wanted bytea, at timestamptz)
    RETURNS TABLE (org_id uuid, session_id uuid, user_id uuid, email text, name text, role text, org_name text, org_slug text, expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT s.org_id, s.id, u.id, u.email, u.name, u.role, o.name, o.slug, s.expires_at
    FROM pulse.sessions s
    JOIN pulse.users u ON u.org_id = s.org_id AND u.id = s.user_id
    JOIN pulse.organizations o ON o.id = s.org_id
    WHERE s.token_hash = wanted AND s.expires_at > at
$$;
CREATE FUNCTION pulse.api_key_by_id(wanted text)
    RETURNS TABLE (org_id uuid, id uuid, secret_hash bytea, scopes text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pulse, pg_temp AS $$
    SELECT k.org_id, k.id, k.secret_hash, k.scopes FROM pulse.api_keys k WHERE k.key_id = wanted
$$;
ALTER FUNCTION pulse.login_by_email(text) OWNER TO pulse_owner;
ALTER FUNCTION pulse.session_by_hash(bytea, timestamptz) OWNER TO pulse_owner;
ALTER FUNCTION pulse.api_key_by_id(text) OWNER TO pulse_owner;
REVOKE EXECUTE ON FUNCTION pulse.login_by_email(text), pulse.session_by_hash(bytea, timestamptz), pulse.api_key_by_id(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse.login_by_email(text), pulse.session_by_hash(bytea, timestamptz), pulse.api_key_by_id(text) TO pulse_app;
