//! The login counts an attempt before it looks at the password.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "login order",
    reason: "INV-5: a password is compared only after the rate limit let the attempt pass, or guessing is free",
    check,
};

/// The handler.
const LOGIN: &str = "api/src/routes/auth/login.rs";

/// The two calls, in the order in which they must stand.
const FIRST: &str = "limit_login(";
const THEN: &str = "verify_password(";

fn check(sources: &Sources) -> Vec<Finding> {
    let Some(file) = sources.file(LOGIN) else {
        return vec![Finding::new(LOGIN, "is not there, so its order cannot be checked")];
    };
    // A definition or an import is no call.
    let call = |name: &str| {
        file.code.match_indices(name).map(|(at, _)| at).find(|at| {
            let before = file.code.get(..*at).unwrap_or_default();
            !before.ends_with("fn ")
                && !before.ends_with(|character: char| character.is_alphanumeric() || character == '_')
        })
    };
    match (call(FIRST), call(THEN)) {
        (Some(first), Some(then)) if first < then => Vec::new(),
        (Some(_), Some(_)) => vec![Finding::new(LOGIN, format!("calls {THEN}…) before {FIRST}…)"))],
        (None, _) => vec![Finding::new(LOGIN, format!("does not call {FIRST}…)"))],
        (_, None) => vec![Finding::new(LOGIN, format!("does not call {THEN}…)"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        check(&Sources::of(&[(LOGIN, text)])).len()
    }

    #[test]
    fn the_wrong_order_a_missing_call_and_a_missing_file_are_found() {
        assert_eq!(findings("limit_login(a).await?; verify_password(b)"), 0);
        assert_eq!(findings("verify_password(b); limit_login(a).await?;"), 1);
        assert_eq!(findings("fn limit_login() {} verify_password(b)"), 1);
        assert_eq!(findings("// limit_login(a)\nverify_password(b)"), 1);
        assert_eq!(findings("limit_login(a)"), 1);
        assert_eq!(check(&Sources::default()).len(), 1);
    }
}
