//! Services log; they do not print.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "prints",
    reason: "INV-10: services use the structured logger; what a person at a terminal reads has one named writer",
    check,
};

/// The one writer of the shipped program.
const WRITER: &str = "src/terminal.rs";

/// What is shipped.
const SHIPPED: [&str; 6] = ["src/", "schema/", "cluster/", "actors/", "api/", "ui/"];

const PRINTS: [&str; 6] = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "io::stdout()"];

/// Build scripts run at build time and speak to cargo by printing.
const BUILD_SCRIPT: &str = "/build.rs";

fn check(sources: &Sources) -> Vec<Finding> {
    let shipped = sources.rust(&SHIPPED).filter(|file| file.path != WRITER && !file.path.ends_with(BUILD_SCRIPT));
    shipped
        .flat_map(|file| {
            file.lines_with(&PRINTS).map(|(line, word)| Finding::at(&file.path, line, format!("uses {word}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_in_a_shipped_crate_is_found() {
        let text = "fn f() {\n    println!(\"hello\");\n}\n";
        let findings = check(&Sources::of(&[("actors/src/lib.rs", text)]));
        assert_eq!(findings, [Finding::at("actors/src/lib.rs", 2, "uses println!")]);
        let exempt = ["src/terminal.rs", "xtask/src/main.rs", "api/build.rs"];
        assert_eq!(check(&Sources::of(&exempt.map(|path| (path, text)))), []);
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", "/// Never `println!`.\nfn f() {}")])), []);
    }
}
