//! The unique keys that the guarantees stand on.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unique keys",
    reason: "INV-2, INV-3: one notification for each idempotency key, one account for each e-mail address, one receipt for each webhook",
    check,
};

const MIGRATIONS: &str = "schema/migrations/";

/// A table, the words that its key must have, and whether the table must be there already.
const KEYS: [(&str, &[&str], bool); 3] = [
    ("notifications", &["idempotency_key"], true),
    ("users", &["email"], true),
    ("webhook_events", &["provider", "external_id"], false),
];

fn check(sources: &Sources) -> Vec<Finding> {
    let migrations = sources.files.iter().filter(|file| file.path.starts_with(MIGRATIONS) && file.has_extension("sql"));
    let statements: Vec<String> = migrations.flat_map(|file| statements(&file.text)).collect();
    KEYS.iter()
        .filter(|(table, _, required)| {
            *required || statements.iter().any(|statement| creates(statement).is_some_and(|created| created == *table))
        })
        .filter(|(table, columns, _)| !statements.iter().any(|statement| has_key(statement, table, columns)))
        .map(|(table, columns, _)| {
            Finding::new(MIGRATIONS, format!("the table {table} has no unique key over {}", columns.join(", ")))
        })
        .collect()
}

/// The statements in lower case, without comments, with single blanks.
fn statements(sql: &str) -> Vec<String> {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    text.split(';').map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The table that a statement creates, without its schema and quotes.
fn creates(statement: &str) -> Option<String> {
    let rest = statement.strip_prefix("create table ")?;
    let rest = rest.strip_prefix("if not exists ").unwrap_or(rest);
    Some(table_name(rest))
}

fn table_name(text: &str) -> String {
    let name = text.split([' ', '(']).next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default().trim_matches('"').to_owned()
}

fn has_key(statement: &str, table: &str, columns: &[&str]) -> bool {
    if creates(statement).is_some_and(|created| created == table) {
        return lists_after(statement, "unique")
            .chain(lists_after(statement, "primary key"))
            .any(|list| holds(list, columns))
            || columns.iter().all(|column| is_unique_column(statement, column));
    }
    let alters = ["alter table ", "alter table only "]
        .iter()
        .any(|start| statement.strip_prefix(start).is_some_and(|rest| table_name(rest) == table));
    if alters {
        return lists_after(statement, "unique").any(|list| holds(list, columns));
    }
    statement.strip_prefix("create unique index").is_some_and(|rest| {
        rest.split_once(" on ").is_some_and(|(_, on)| table_name(on) == table && holds(on, columns))
    })
}

/// The texts in parentheses that follow `word`, with at most a blank between (and `nulls not distinct`).
fn lists_after<'a>(statement: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    statement.split(word).skip(1).filter_map(|rest| {
        let rest = rest.trim_start().trim_start_matches("nulls not distinct").trim_start();
        rest.strip_prefix('(').and_then(|list| list.split(')').next())
    })
}

/// Whether every column is named; the key may also hold the organization.
fn holds(list: &str, columns: &[&str]) -> bool {
    let words: Vec<&str> =
        list.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').collect();
    columns.iter().all(|column| words.contains(column))
}

/// `email text not null unique`, as a column of its own.
fn is_unique_column(statement: &str, column: &str) -> bool {
    let body = statement.split_once('(').map_or("", |(_, body)| body);
    body.split(',').any(|part| {
        let mut words = part.split_whitespace();
        words.next() == Some(column) && words.any(|word| word.trim_end_matches(')') == "unique")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "CREATE TABLE users (\n  id uuid PRIMARY KEY, -- who\n  email text NOT NULL UNIQUE\n);\n\
        create table notifications (org_id uuid, idempotency_key text, unique (org_id, idempotency_key));";

    fn findings(sql: &str) -> usize {
        check(&Sources::of(&[("schema/migrations/1.sql", sql)])).len()
    }

    #[test]
    fn the_keys_are_seen_in_every_way_of_writing_them() {
        assert_eq!(findings(GOOD), 0);
        let indexed = "create table app.users (email text); create unique index on app.users (lower(email));\n\
            create table notifications (idempotency_key text); alter table notifications add unique (idempotency_key);";
        assert_eq!(findings(indexed), 0);
    }

    #[test]
    fn a_missing_key_is_found() {
        assert_eq!(findings(&GOOD.replace(" UNIQUE", "")), 1);
        assert_eq!(findings(&GOOD.replace("unique (org_id, idempotency_key)", "unique (org_id)")), 1);
        assert_eq!(findings(&GOOD.replace("create table notifications", "create table notes")), 1);
        assert_eq!(findings(&GOOD.replace("text NOT NULL UNIQUE", "text NOT NULL -- UNIQUE")), 1);
        assert_eq!(findings(""), 2);
    }

    #[test]
    fn a_table_of_later_must_have_its_key_when_it_comes() {
        assert_eq!(findings(&format!("{GOOD} create table webhook_events (provider text, external_id text);")), 1);
        let keyed =
            "create table webhook_events (provider text, external_id text, primary key (provider, external_id));";
        assert_eq!(findings(&format!("{GOOD} {keyed}")), 0);
    }
}
