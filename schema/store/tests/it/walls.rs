//! The second wall, seen from the catalogue: row-level security on every tenant table and partition, and roles that own
//! and bypass nothing.

use pulse_store::testing::{TestDatabase, now};
use sqlx::{Connection as _, PgConnection, Row as _};

async fn admin(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url.expose()).await.unwrap()
}

async fn names(connection: &mut PgConnection, query: &'static str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

#[tokio::test]
async fn every_table_with_an_org_id_is_walled_on_every_partition() {
    let database = TestDatabase::new().await;
    database.store.engine().ensure_partitions(now().date_naive(), 5).await.unwrap();
    let mut admin = admin(&database).await;
    let tenant_tables = names(
        &mut admin,
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE n.nspname = 'pulse' AND c.relkind IN ('r', 'p')",
    )
    .await;
    assert!(tenant_tables.len() > 20, "the tables and the partitions: {tenant_tables:?}");
    assert!(tenant_tables.iter().filter(|name| name.starts_with("check_results_")).count() >= 5);
    let open = names(
        &mut admin,
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE n.nspname = 'pulse' AND c.relkind IN ('r', 'p') AND (a.attname IS NOT NULL OR c.relname = 'organizations')
           AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
                OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant'))",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
}

#[tokio::test]
async fn keys_of_tenant_tables_start_with_the_tenant() {
    let database = TestDatabase::new().await;
    let mut admin = admin(&database).await;
    // Look-ups before anyone is known: by address, by token, by the public half of a key.
    let global = [
        "users.users_email_key",
        "sessions.sessions_token_hash_key",
        "api_keys.api_keys_key_id_key",
        "push_urls.push_urls_token_hash_key",
    ];
    let others = names(
        &mut admin,
        "SELECT c.relname || '.' || i.relname FROM pg_index x
         JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id'
         WHERE n.nspname = 'pulse' AND x.indisunique AND x.indkey[0] <> o.attnum ORDER BY 1",
    )
    .await;
    let unexpected: Vec<_> = others.iter().filter(|name| !global.contains(&name.as_str())).collect();
    assert_eq!(unexpected, Vec::<&String>::new());
    let foreign = names(
        &mut admin,
        "SELECT f.conname::text FROM pg_constraint f JOIN pg_namespace n ON n.oid = f.connamespace
         JOIN pg_attribute o ON o.attrelid = f.conrelid AND o.attname = 'org_id'
         WHERE n.nspname = 'pulse' AND f.contype = 'f' AND f.conkey[1] <> o.attnum",
    )
    .await;
    assert_eq!(foreign, Vec::<String>::new());
}

#[tokio::test]
async fn the_working_roles_own_nothing_and_bypass_nothing() {
    let database = TestDatabase::new().await;
    let mut admin = admin(&database).await;
    let powerful = names(
        &mut admin,
        "SELECT rolname::text FROM pg_roles WHERE rolname IN ('pulse_app', 'pulse_engine', 'pulse_owner')
         AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb)",
    )
    .await;
    assert_eq!(powerful, Vec::<String>::new());
    let owned = names(
        &mut admin,
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'pulse' AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> 'pulse_owner'",
    )
    .await;
    assert_eq!(owned, Vec::<String>::new());
    let erasable = names(
        &mut admin,
        "SELECT grantee || ' ' || privilege_type || ' ' || table_name FROM information_schema.role_table_grants
         WHERE table_schema = 'pulse' AND grantee IN ('pulse_app', 'pulse_engine')
           AND (privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
                OR (table_name IN ('audit_logs', 'incident_events', 'org_events', 'notification_attempts')
                    AND privilege_type IN ('UPDATE', 'DELETE'))
                OR (table_name IN ('notifications', 'incidents', 'transitions') AND privilege_type = 'DELETE'))",
    )
    .await;
    assert_eq!(erasable, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_tenant_the_app_role_sees_nothing() {
    let database = TestDatabase::new().await;
    pulse_store::testing::seed_org(&database.store, "seen").await;
    let mut admin = admin(&database).await;
    sqlx::query("SET ROLE pulse_app").execute(&mut admin).await.unwrap();
    for table in ["organizations", "users", "org_counters"] {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM pulse.{table}"));
        let rows: i64 = sqlx::query_scalar(query).fetch_one(&mut admin).await.unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}
