//! A client of the public API, as anybody could write it.

use std::time::Duration;

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::DemoError;
use super::kept::Login;

/// The longest that this process may take to answer itself.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How much of an unexpected answer is repeated.
const BODY_CHARACTERS_MAX: usize = 300;

/// A signed-in client.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    origin: String,
    cookie: String,
}

impl Client {
    /// Registers the demo's organization, or signs in when an earlier run got as far as that.
    pub(super) async fn sign_up_or_in(origin: String, login: &Login) -> Result<Self, DemoError> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        let mut client = Self { http, origin, cookie: String::new() };
        let credentials = json!({"email": login.email, "password": login.password.expose()});
        let answer = client.send("auth/login", &credentials).await?;
        let answer = if answer.status() == StatusCode::UNAUTHORIZED {
            let mut body = credentials;
            if let Some(fields) = body.as_object_mut() {
                fields.insert("name".to_owned(), json!("Demo"));
                fields.insert("organization".to_owned(), json!("Demo"));
            }
            client.send("auth/register", &body).await?
        } else {
            answer
        };
        let answer = expect_success("auth/register", answer).await?;
        // `name=value; HttpOnly; …`: the value goes back.
        let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
        client.cookie = pairs.join("; ");
        if client.cookie.is_empty() { Err(DemoError::Incomplete("a session cookie")) } else { Ok(client) }
    }

    /// Creates something; gives it as the API shows it.
    pub(super) async fn create(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let answer = expect_success(path, self.send(path, body).await?).await?;
        Ok(answer.json().await?)
    }

    /// The names of the items of a list.
    pub(super) async fn names(&self, path: &str) -> Result<Vec<(String, Value)>, DemoError> {
        let request = self.http.get(self.url(&format!("{path}?limit=200"))).header(COOKIE, &self.cookie);
        let list: Value = expect_success(path, request.send().await?).await?.json().await?;
        let items = list.get("items").and_then(Value::as_array).ok_or(DemoError::Incomplete("items"))?;
        let named = items.iter().filter_map(|item| Some((item.get("name")?.as_str()?.to_owned(), item.clone())));
        Ok(named.collect())
    }

    async fn send(&self, path: &str, body: &Value) -> Result<Response, DemoError> {
        let mut request = self.http.request(Method::POST, self.url(path)).header(ORIGIN, &self.origin).json(body);
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie);
        }
        Ok(request.send().await?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.origin)
    }
}

async fn expect_success(path: &str, answer: Response) -> Result<Response, DemoError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.text().await.unwrap_or_default().chars().take(BODY_CHARACTERS_MAX).collect();
    Err(DemoError::Answer { path: path.to_owned(), status: status.as_u16(), body })
}
