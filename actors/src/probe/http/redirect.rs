//! Whether an answer leads on, and to which request (RFC 9110 §15.4).

use pulse_domain::{
    monitor::{HttpCheck, Method},
    outcome::Reason,
    verdict::Failure,
};

use super::{Answer, Hop, shown};

/// The request that a redirect asks for; `None` when the answer is the end of the chain.
pub(super) fn next<'a>(check: &HttpCheck, hop: &Hop<'a>, answer: &Answer) -> Result<Option<Hop<'a>>, Failure> {
    let Some(status @ (301 | 302 | 303 | 307 | 308)) = answer.response.status_code else { return Ok(None) };
    if !check.follow_redirects {
        return Ok(None);
    }
    // A redirect without a destination is an answer like any other; the assertions judge it.
    let Some(location) = &answer.location else { return Ok(None) };
    let unusable = |why: &str| answer.refused(Reason::InvalidResponse, format!("the redirect leads to {why}"));
    let mut url = hop.url.join(location).map_err(|_| unusable("something that is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(unusable("neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable("a URL with credentials"));
    }
    if hop.url.scheme() == "https" && url.scheme() == "http" {
        return Err(unusable(&format!("plain http: {}", shown(&url))));
    }
    url.set_fragment(None);
    let home = hop.home && url.origin() == hop.url.origin();
    let keeps_method = matches!(status, 307 | 308) || matches!(hop.method, Method::Get | Method::Head);
    let becomes_get = !keeps_method && (status == 303 || hop.method == Method::Post);
    let (method, body) = if becomes_get { (Method::Get, None) } else { (hop.method, hop.body) };
    if !home && body.is_some() && !matches!(method, Method::Get | Method::Head) {
        return Err(unusable("another origin, which would get the request's body"));
    }
    let body = body.filter(|_| home);
    Ok(Some(Hop { url, method, body, home }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::verdict::Response;
    use url::Url;

    fn check() -> HttpCheck {
        serde_json::from_value(serde_json::json!({"url": "https://a.example/start"})).unwrap()
    }

    fn hop(url: &str, method: Method) -> Hop<'static> {
        Hop { url: Url::parse(url).unwrap(), method, body: Some("secret"), home: true }
    }

    fn answer(status: u16, location: &str) -> Answer {
        let response = Response { status_code: Some(status), ..Response::default() };
        Answer { response, location: Some(location.to_owned()) }
    }

    #[test]
    fn methods_and_bodies_change_as_browsers_do() {
        let table = [
            (301, Method::Post, Method::Get, None),
            (302, Method::Post, Method::Get, None),
            (303, Method::Put, Method::Get, None),
            (301, Method::Put, Method::Put, Some("secret")),
            (307, Method::Post, Method::Post, Some("secret")),
            (308, Method::Post, Method::Post, Some("secret")),
            (303, Method::Head, Method::Head, Some("secret")),
        ];
        for (status, from, to, body) in table {
            let next =
                next(&check(), &hop("https://a.example/start", from), &answer(status, "/next")).unwrap().unwrap();
            assert_eq!((next.method, next.body), (to, body), "{status} {from:?}");
            assert_eq!(next.url.as_str(), "https://a.example/next");
            assert!(next.home);
        }
    }

    #[test]
    fn another_origin_is_not_home_and_there_is_no_way_back() {
        let start = hop("https://a.example/start", Method::Get);
        for location in ["https://b.example/", "https://a.example:8443/"] {
            let next = next(&check(), &start, &answer(302, location)).unwrap().unwrap();
            assert!(!next.home, "{location}");
            let back = super::next(&check(), &next, &answer(302, "https://a.example/start")).unwrap().unwrap();
            assert!(!back.home, "what left home stays a stranger");
        }
    }

    #[test]
    fn redirects_that_lead_nowhere_good_are_refused() {
        let start = hop("https://a.example/start", Method::Get);
        for location in [
            "http://a.example/",
            "ftp://a.example/",
            "https://user:pw@a.example/",
            "https://:99999/",
            "data:text/plain,x",
        ] {
            let failure = next(&check(), &start, &answer(302, location)).unwrap_err();
            assert_eq!((failure.reason, failure.status_code), (Reason::InvalidResponse, Some(302)), "{location}");
        }
    }

    #[test]
    fn other_answers_are_the_end() {
        let start = hop("https://a.example/start", Method::Get);
        assert!(next(&check(), &start, &answer(200, "/next")).unwrap().is_none());
        assert!(next(&check(), &start, &answer(304, "/next")).unwrap().is_none());
        let stays = HttpCheck { follow_redirects: false, ..check() };
        assert!(next(&stays, &start, &answer(302, "/next")).unwrap().is_none());
        let nowhere = Answer { location: None, ..answer(302, "") };
        assert!(next(&check(), &start, &nowhere).unwrap().is_none());
    }
}
