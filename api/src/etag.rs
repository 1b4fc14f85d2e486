//! Entity tags: the version of a stored object, so that nobody overwrites a change they have not seen.

use crate::problem::Problem;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use std::convert::Infallible;

/// `ETag: "<version>"`. It names the configuration, which is all that a client can write.
pub(crate) fn etag(version: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let text = format!("\"{version}\"");
    [(header::ETAG, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\"")))]
}

/// `If-Match`, if the client sent one.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// 412 unless the client's expectation is what is stored.
    pub(crate) fn check(&self, version: i64) -> Result<(), Problem> {
        let Some(tags) = &self.0 else { return Ok(()) };
        let current = format!("\"{version}\"");
        if tags.iter().any(|tag| tag == "*" || *tag == current) {
            return Ok(());
        }
        let detail = "It was changed since you read it: read it again, and send the ETag of that answer.";
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail))
    }

    fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_MATCH);
        let tags = || values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        // A proxy that compresses weakens the tag on the way out; the version it names is the same.
        let tags = || tags().map(|tag| tag.trim().trim_start_matches("W/").to_owned());
        Self(values.iter().next().is_some().then(|| tags().collect()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stored_version_or_a_star_matches() {
        for (sent, matches) in [
            ("\"3\"", true),
            ("W/\"3\"", true),
            ("\"2\", \"3\"", true),
            ("*", true),
            ("\"2\"", false),
            ("3", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(sent))]);
            assert_eq!(IfMatch::read(&headers).check(3).is_ok(), matches, "{sent}");
        }
        assert!(IfMatch::read(&HeaderMap::new()).check(3).is_ok());
    }
}
