//! The store gives no connection away.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "store door",
    reason: "INV-1: the only way to a tenant's row is to say for whom; a raw pool or connection has no tenant",
    check,
};

const STORE: &str = "schema/store/src/";

/// Raw ways to the database.
const RAW: [&str; 9] = [
    "PgPool",
    "Pool<",
    "PgConnection",
    "PoolConnection",
    "PgTransaction",
    "sqlx::Transaction",
    "Transaction<'",
    "PgExecutor",
    "PgListener",
];

fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.rust(&[STORE]) {
        for (line, item) in public_items(&file.code) {
            if let Some(raw) = RAW.iter().find(|raw| item.contains(**raw)) {
                findings.push(Finding::at(&file.path, line, format!("shows {raw} to other crates")));
            }
        }
    }
    findings
}

/// The head of every public item and field, up to its body or end, with its line.
fn public_items(code: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut items = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("pub ") else { continue };
        let is_function = ["fn ", "async fn ", "const fn ", "unsafe fn "].iter().any(|start| rest.starts_with(start));
        let mut head = String::new();
        for part in lines.iter().skip(index) {
            head.push_str(part);
            head.push(' ');
            let ends = part.contains('{') || part.contains(';') || (!is_function && part.trim_end().ends_with(','));
            if ends {
                break;
            }
        }
        // A body that begins in the head's line is no part of what is shown, but a tuple or a list of names is.
        let shown = if is_function { head.split('{').next().unwrap_or_default().to_owned() } else { head };
        items.push((index + 1, shown));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        check(&Sources::of(&[("schema/store/src/lib.rs", text)])).len()
    }

    #[test]
    fn a_public_pool_connection_or_transaction_is_found() {
        assert_eq!(findings("pub fn pool(&self) -> &PgPool { &self.pool }"), 1);
        assert_eq!(findings("pub async fn begin(\n    &self,\n) -> Result<sqlx::Transaction<'_, Postgres>, E> {\n"), 1);
        assert_eq!(findings("pub struct Store {\n    pub pool: PgPool,\n}"), 1);
        assert_eq!(findings("pub struct Store(pub PgPool);"), 1);
        assert_eq!(findings("pub use sqlx::{PgPool, Row};"), 1);
    }

    #[test]
    fn what_stays_inside_is_fine() {
        assert_eq!(findings("pub struct Store {\n    pool: PgPool,\n}"), 0);
        assert_eq!(findings("pub(crate) fn pool(&self) -> &PgPool { &self.pool }"), 0);
        assert_eq!(findings("pub fn org(&self) -> Scope { let pool: PgPool = self.pool(); }"), 0);
    }
}
