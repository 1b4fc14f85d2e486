-- Three roles, none of which can log in: a connection's own user takes one of them on and is nothing more afterwards.
--   pulse_owner   owns every object; runs migrations and the few definer functions
--   pulse_app     sees one organization at a time (row-level security)
--   pulse_engine  sees all organizations, but only the tables and columns of probing and committing
-- Roles belong to the whole server, so another database's migration may have made them already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_owner') THEN CREATE ROLE pulse_owner NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_app') THEN CREATE ROLE pulse_app NOLOGIN NOBYPASSRLS; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_engine') THEN CREATE ROLE pulse_engine NOLOGIN NOBYPASSRLS; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- A superuser is a member of everything; anyone else must be able to take the roles on.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT pulse_owner, pulse_app, pulse_engine TO %I', current_user);
    END IF;
EXCEPTION WHEN unique_violation OR OTHERS THEN
    IF SQLSTATE NOT IN ('23505', 'XX000') THEN RAISE; END IF;
END $$;

CREATE SCHEMA pulse AUTHORIZATION pulse_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA pulse TO pulse_app, pulse_engine;

-- The tenant of this transaction. After a commit a custom setting is an empty string, not NULL.
CREATE FUNCTION pulse.current_org() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.org_id', true), '')::uuid;

-- One call a table, so that no table gets half a wall: enabled and forced, the app sees its tenant, and the owner's
-- definer functions see what they are written to see.
CREATE PROCEDURE pulse.wall(tenant_table regclass, tenant_column text DEFAULT 'org_id')
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s OWNER TO pulse_owner', tenant_table);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %s TO pulse_app USING (%I = pulse.current_org()) WITH CHECK (%I = pulse.current_org())',
                   tenant_table, tenant_column, tenant_column);
    EXECUTE format('CREATE POLICY definer ON %s TO pulse_owner USING (true) WITH CHECK (true)', tenant_table);
END $$;
ALTER FUNCTION pulse.current_org() OWNER TO pulse_owner;
ALTER PROCEDURE pulse.wall(regclass, text) OWNER TO pulse_owner;
REVOKE EXECUTE ON PROCEDURE pulse.wall(regclass, text) FROM PUBLIC;
