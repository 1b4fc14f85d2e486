//! Which fields of a check are credentials: sealed at rest, never shown again, never in an audit line.

use super::{Auth, Check};

/// What stands for a credential wherever it isn't needed; sent back, it means "as it was".
pub const REDACTED: &str = "••••";

/// Parts of header names whose values are credentials by custom.
const TELLING: [&str; 10] =
    ["auth", "token", "secret", "key", "cookie", "passw", "credential", "signature", "session", "jwt"];

impl Check {
    /// Shows each credential with the key that it has among those of this check: a stable name of its field.
    pub fn visit_secrets(&mut self, mut visit: impl FnMut(&str, &mut String)) {
        let Self::Http(http) = self else { return };
        for (name, value) in &mut http.headers {
            let lower = name.to_ascii_lowercase();
            if TELLING.iter().any(|part| lower.contains(part)) {
                visit(&format!("headers/{lower}"), value);
            }
        }
        match &mut http.auth {
            Some(Auth::Basic { password, .. }) => visit("auth/password", password),
            Some(Auth::Bearer { token }) => visit("auth/token", token),
            None => {}
        }
    }

    /// Without its credentials: what people and logs may see.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.visit_secrets(|_, value| REDACTED.clone_into(value));
        self
    }

    /// Puts the credentials of `stored` where this one says "as it was"; answers the keys for which there is none.
    ///
    /// They stay with the origin they were given for: a check that now asks somebody else, or no longer asks who
    /// answers, has to be given them anew. Otherwise whoever may try a check could have them sent to a place of their own.
    pub fn keep_secrets(&mut self, stored: Option<&Self>) -> Vec<String> {
        let mut kept = std::collections::BTreeMap::new();
        if let Some(stored) = stored.filter(|stored| self.is_as_trusted(stored)) {
            stored.clone().visit_secrets(|key, value| {
                kept.insert(key.to_owned(), std::mem::take(value));
            });
        }
        let mut missing = Vec::new();
        self.visit_secrets(|key, value| {
            if value == REDACTED {
                match kept.remove(key) {
                    Some(secret) => *value = secret,
                    None => missing.push(key.to_owned()),
                }
            }
        });
        missing
    }

    fn is_as_trusted(&self, stored: &Self) -> bool {
        let (Self::Http(new), Self::Http(old)) = (self, stored) else { return false };
        origin(&new.url).is_some_and(|new| origin(&old.url) == Some(new)) && (new.verify_tls || !old.verify_tls)
    }
}

/// Scheme and authority as they are written. Two texts of one origin may differ, which only asks for the credentials once
/// more; equal ones are one origin.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next().filter(|authority| !authority.is_empty())?;
    Some(format!("{scheme}://{authority}").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: serde_json::Value) -> Check {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn credentials_are_hidden_and_come_back() {
        let stored = check(json!({
            "type": "http", "url": "https://a.example/",
            "headers": {"X-Api-Key": "k1", "Accept": "text/html"},
            "auth": {"type": "basic", "username": "probe", "password": "p1"},
        }));
        let shown = serde_json::to_value(stored.clone().redacted()).unwrap();
        assert_eq!(shown["headers"], json!({"X-Api-Key": REDACTED, "Accept": "text/html"}));
        assert_eq!(shown["auth"], json!({"type": "basic", "username": "probe", "password": REDACTED}));
        let mut sent_back = check(shown);
        assert!(sent_back.keep_secrets(Some(&stored)).is_empty());
        assert_eq!(sent_back, stored);
    }

    #[test]
    fn credentials_stay_with_the_origin_they_were_given_for() {
        let bearer = |url: &str, verify: bool, token: &str| {
            check(json!({"type": "http", "url": url, "verify_tls": verify, "auth": {"type": "bearer", "token": token}}))
        };
        let stored = bearer("https://a.example/health", true, "t0p");
        let kept = |url, verify| bearer(url, verify, REDACTED).keep_secrets(Some(&stored)).is_empty();
        assert!(kept("https://A.example/other?x=1", true));
        for elsewhere in [
            "https://b.example/health",
            "http://a.example/health",
            "https://a.example:8443/health",
            "https://a.example.b.example/",
            "https:///a.example/",
        ] {
            assert!(!kept(elsewhere, true), "{elsewhere}");
        }
        assert!(!kept("https://a.example/health", false), "nobody would know who is answering");
    }

    #[test]
    fn what_was_never_stored_is_missed() {
        let mut sent = check(json!({
            "type": "http", "url": "https://a.example/", "auth": {"type": "bearer", "token": REDACTED},
        }));
        assert_eq!(sent.keep_secrets(None), ["auth/token"]);
    }

    #[test]
    fn debug_output_shows_no_credential() {
        let auth = Auth::Bearer { token: String::from("hunter2") };
        assert!(!format!("{auth:?}").contains("hunter2"));
    }
}
