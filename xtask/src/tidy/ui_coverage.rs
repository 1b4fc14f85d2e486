//! Every screen is visited by a browser test.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule =
    Rule { name: "ui coverage", reason: "INV-11: every screen has an address, and a browser test goes there", check };

/// Where the screens have their addresses.
const ROUTES: &str = "ui/src/route.rs";

/// Where the browser tests are.
const TESTS: &str = "ui/e2e/";

fn check(sources: &Sources) -> Vec<Finding> {
    let Some(file) = sources.file(ROUTES) else {
        return vec![Finding::new(ROUTES, "is not there, so no screen has an address")];
    };
    let tests: Vec<&str> = sources
        .files
        .iter()
        .filter(|file| file.path.starts_with(TESTS) && file.has_extension("ts"))
        .map(|file| file.text.as_str())
        .collect();
    routes(&file.text)
        .into_iter()
        .filter(|(_, route)| !is_visited(route, &tests))
        .map(|(line, route)| Finding::at(ROUTES, line, format!("no browser test visits {route}")))
        .collect()
}

/// The addresses in `#[route("/monitors/:id?:tab")]`, without their queries, with their lines. Those that catch
/// everything else are no screens.
fn routes(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let (_, rest) = line.split_once("#[route(\"")?;
            let route = rest.split(['"', '?', '#']).next()?;
            (!route.contains(":..")).then(|| (index + 1, route.to_owned()))
        })
        .collect()
}

/// A route counts as visited when its path stands in a test, with anything in the place of each parameter: a literal
/// value, `${id}`, or in a regular expression. The path must begin where a quote, a slash-escape or a host ends, so
/// `/monitors` in `/api/v1/monitors` is no visit.
fn is_visited(route: &str, tests: &[&str]) -> bool {
    tests.iter().any(|test| {
        // In a regular expression the slashes are escaped.
        let test = test.replace("\\/", "/");
        test.match_indices('/').any(|(at, _)| {
            let before = test.get(..at).unwrap_or_default();
            let begins =
                before.ends_with(['"', '\'', '`', '}', '*', '^']) || before.ends_with("/^") || before.ends_with("(/");
            begins && test.get(at..).is_some_and(|path| path_matches(route, path))
        })
    })
}

fn path_matches(route: &str, text: &str) -> bool {
    let end = text.find(['"', '\'', '`', '?', '#', ' ', '\n', ',', ')']).unwrap_or(text.len());
    let path = text.get(..end).unwrap_or_default().trim_end_matches(['$', '/']);
    let segments = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (wanted, found) = (segments(route), segments(path));
    wanted.len() == found.len()
        && wanted.iter().zip(&found).all(|(wanted, found)| wanted.starts_with(':') || wanted == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE_FILE: &str =
        "#[route(\"/\")]\n#[route(\"/monitors?:q\")]\n#[route(\"/monitors/:id\")]\n#[route(\"/:..rest\")]\n";

    fn findings(test: &str) -> Vec<String> {
        let sources = Sources::of(&[(ROUTES, ROUTE_FILE), ("ui/e2e/a.spec.ts", test)]);
        check(&sources).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_screen_that_no_test_visits_is_found() {
        let all = "goto('/'); goto(`${base}/monitors?q=a`); goto(`/monitors/${id}`)";
        assert_eq!(findings(all), Vec::<String>::new());
        assert_eq!(findings("goto('/'); goto('/monitors')"), ["no browser test visits /monitors/:id"]);
        assert_eq!(
            findings("goto('/'); post('/api/v1/monitors'); goto('/monitors/1')"),
            ["no browser test visits /monitors"]
        );
    }

    #[test]
    fn an_expected_address_counts_as_a_visit() {
        assert_eq!(
            findings("goto('/'); goto('/monitors'); toHaveURL(/\\/monitors\\/[0-9a-f-]+$/)"),
            Vec::<String>::new()
        );
        assert_eq!(findings("goto('/'); goto('/monitors'); waitForURL('**/monitors/*')"), Vec::<String>::new());
    }

    #[test]
    fn without_routes_nothing_is_silently_right() {
        assert_eq!(check(&Sources::default()).len(), 1);
    }
}
