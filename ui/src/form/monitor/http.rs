//! An HTTP check as it is typed.

use crate::form::{
    Errors,
    text::{headers, optional, required},
};
use pulse_domain::{
    limits::URL_CHARS_MAX,
    monitor::{Auth, HttpCheck, Method},
};

/// Who the request says it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthKind {
    #[default]
    None,
    Basic,
    Bearer,
}

impl AuthKind {
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::None, "none", "None"),
        (Self::Basic, "basic", "User name and password"),
        (Self::Bearer, "bearer", "Bearer token"),
    ];
}

/// Credentials that are stored come as dots and are sent back as dots: then they stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpDraft {
    pub url: String,
    pub method: Method,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub auth: AuthKind,
    pub username: String,
    pub password: String,
    pub token: String,
    pub follow_redirects: bool,
    pub verify_tls: bool,
}

impl Default for HttpDraft {
    fn default() -> Self {
        Self {
            url: String::from("https://"),
            method: Method::Get,
            headers: Vec::new(),
            body: String::new(),
            auth: AuthKind::None,
            username: String::new(),
            password: String::new(),
            token: String::new(),
            follow_redirects: true,
            verify_tls: true,
        }
    }
}

impl HttpDraft {
    pub(super) fn of(check: &HttpCheck) -> Self {
        let mut draft = Self {
            url: check.url.clone(),
            method: check.method,
            headers: check.headers.clone().into_iter().collect(),
            body: check.body.clone().unwrap_or_default(),
            follow_redirects: check.follow_redirects,
            verify_tls: check.verify_tls,
            ..Self::default()
        };
        match &check.auth {
            None => {}
            Some(Auth::Basic { username, password }) => {
                draft.auth = AuthKind::Basic;
                draft.username.clone_from(username);
                draft.password.clone_from(password);
            }
            Some(Auth::Bearer { token }) => {
                draft.auth = AuthKind::Bearer;
                draft.token.clone_from(token);
            }
        }
        draft
    }

    pub(super) fn read(&self, errors: &mut Errors) -> HttpCheck {
        let url = required(&self.url, URL_CHARS_MAX, "/check/url", errors);
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !url.is_empty() && rest.is_none_or(str::is_empty) {
            errors.add("/check/url", "must begin with http:// or https:// and name a host");
        }
        HttpCheck {
            url,
            method: self.method,
            headers: headers(&self.headers),
            body: optional(&self.body),
            auth: self.auth(errors),
            follow_redirects: self.follow_redirects,
            verify_tls: self.verify_tls,
        }
    }

    fn auth(&self, errors: &mut Errors) -> Option<Auth> {
        let mut typed = |text: &str, pointer: &str| {
            if text.is_empty() {
                errors.add(pointer, "must not be empty");
            }
            text.to_owned()
        };
        match self.auth {
            AuthKind::None => None,
            AuthKind::Basic => Some(Auth::Basic {
                username: typed(&self.username, "/check/auth/username"),
                password: self.password.clone(),
            }),
            AuthKind::Bearer => Some(Auth::Bearer { token: typed(&self.token, "/check/auth/token") }),
        }
    }
}
