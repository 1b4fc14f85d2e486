//! Registering, signing in and out, keys.

use crate::world::{PASSWORD, World};
use serde_json::json;

#[tokio::test]
async fn a_registered_owner_is_signed_in_and_reads_their_session() {
    let world = World::new().await;
    let body =
        json!({"email": "Owner@Acme.example", "password": PASSWORD, "name": "Owner", "organization": "Acme, Inc."});
    let answer = world.client().post("/api/v1/auth/register", body).await.expect(201);
    let registered = answer.json();
    assert_eq!(registered["user"]["role"], "owner");
    assert_eq!(registered["user"]["email"], "owner@acme.example");
    assert_eq!(registered["organization"]["slug"], "acme-inc");
    let cookie = answer.header("set-cookie");
    let owner = world.client().with("cookie", cookie.split(';').next().unwrap());
    assert_eq!(owner.get("/api/v1/auth/session").await.expect(200).json(), registered);
    let organization = owner.get("/api/v1/organization").await.expect(200).json();
    for field in ["id", "name", "slug"] {
        assert_eq!(organization[field], registered["organization"][field]);
    }
}

#[tokio::test]
async fn the_cookie_is_secure_but_for_plain_http_on_this_machine() {
    let world = World::new().await;
    world.register("acme").await;
    let login = json!({"email": "owner@acme.example", "password": PASSWORD});
    let loopback = world.client().post("/api/v1/auth/login", login.clone()).await.expect(200).header("set-cookie");
    assert!(loopback.starts_with("pulse_session="), "{loopback}");
    assert!(!loopback.contains("Secure"), "{loopback}");
    let mut request = axum::http::Request::post("/api/v1/auth/login").header("content-type", "application/json");
    request = request.header("x-forwarded-proto", "https").header("x-forwarded-for", "192.0.2.9");
    let mut settings_world = world;
    settings_world.app = with_proxy(&settings_world);
    let body = axum::body::Body::from(login.to_string());
    let client = settings_world.client().with("origin", "https://pulse.example");
    let proxied = client.send_raw(request.body(body).unwrap()).await.expect(200);
    let cookie = proxied.header("set-cookie");
    assert!(cookie.starts_with("__Host-pulse_session="), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(proxied.header("strict-transport-security").contains("max-age=63072000"));
}

/// The same site behind a proxy on this machine.
fn with_proxy(world: &World) -> axum::Router {
    let settings = pulse_api::Settings {
        public_url: None,
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        policy: pulse_domain::address::AddressPolicy { allow: Vec::new() },
        allow_plain_webhooks: false,
    };
    let clock = pulse_api::Clock::system();
    pulse_api::router(pulse_api::ApiState::new(world.store.clone(), world.bus.clone(), settings, clock))
}

#[tokio::test]
async fn a_taken_address_is_refused_without_saying_that_it_is_taken() {
    let world = World::new().await;
    world.register("acme").await;
    let body = json!({"email": "OWNER@acme.example", "password": PASSWORD, "name": "Eve", "organization": "Evil"});
    let answer = world.client().post("/api/v1/auth/register", body).await.expect(422);
    assert_eq!(answer.faults(), ["/email unavailable"]);
    for word in ["taken", "exists", "registered", "already"] {
        assert!(!answer.text.contains(word), "{}", answer.text);
    }
}

#[tokio::test]
async fn every_fault_of_a_registration_is_told_at_once() {
    let world = World::new().await;
    let body = json!({"email": "nobody", "password": "short", "name": "", "nonsense": 1});
    let mut faults = world.client().post("/api/v1/auth/register", body).await.expect(422).faults();
    faults.sort();
    assert_eq!(
        faults,
        ["/email email", "/name length", "/nonsense unknown_field", "/organization required", "/password length"]
    );
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_look_alike() {
    let world = World::new().await;
    world.register("acme").await;
    let login = |email: &str, password: &str| {
        let (client, body) = (world.client(), json!({"email": email, "password": password}));
        async move { client.post("/api/v1/auth/login", body).await.expect(401) }
    };
    let wrong = login("owner@acme.example", "not the right one").await;
    let unknown = login("nobody@acme.example", "not the right one").await;
    assert_eq!(wrong.text, unknown.text);
    let names = |answer: &crate::world::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
}

#[tokio::test]
async fn guessing_is_stopped_before_the_password_is_compared() {
    let world = World::new().await;
    world.register("acme").await;
    let guess = json!({"email": "owner@acme.example", "password": "not the right one"});
    for _ in 0..5 {
        world.client().post("/api/v1/auth/login", guess.clone()).await.expect(401);
    }
    let right = json!({"email": "owner@acme.example", "password": PASSWORD});
    let stopped = world.client().post("/api/v1/auth/login", right).await.expect(429);
    for header in ["retry-after", "ratelimit", "ratelimit-policy"] {
        assert!(!stopped.header(header).is_empty(), "{header}");
    }
    assert_eq!(stopped.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_session_ends_at_once_when_its_owner_signs_out() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let out = owner.act("/api/v1/auth/logout").await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    owner.get("/api/v1/auth/session").await.expect(401);
    owner.get("/api/v1/monitors").await.expect(401);
}

#[tokio::test]
async fn a_write_with_a_cookie_needs_our_own_origin() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let foreign = owner.with("origin", "https://evil.example");
    for client in [&foreign, &owner.without("origin"), &owner.with("sec-fetch-site", "cross-site")] {
        client.post("/api/v1/monitors", crate::world::monitor()).await.expect(403);
        client.act("/api/v1/auth/logout").await.expect(403);
    }
    assert_eq!(owner.get("/api/v1/monitors").await.expect(200).json()["items"], json!([]));
    owner
        .without("origin")
        .with("sec-fetch-site", "same-origin")
        .post("/api/v1/monitors", crate::world::monitor())
        .await
        .expect(201);
    let login = json!({"email": "owner@acme.example", "password": PASSWORD});
    world.client().with("origin", "https://evil.example").post("/api/v1/auth/login", login).await.expect(403);
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_what_its_scopes_say() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let reader = world.key(&owner, &["read"]).await;
    let writer = world.key(&owner, &["read", "write"]).await;
    reader.get("/api/v1/monitors").await.expect(200);
    reader.post("/api/v1/monitors", crate::world::monitor()).await.expect(403);
    writer.post("/api/v1/monitors", crate::world::monitor()).await.expect(201);
    writer.post("/api/v1/api-keys", json!({"name": "More", "scopes": ["read"]})).await.expect(403);
    writer.get("/api/v1/api-keys").await.expect(403);
    let listed = owner.get("/api/v1/api-keys").await.expect(200);
    assert!(!listed.text.contains("pulse_"), "{}", listed.text);
    let keys = listed.json()["items"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key["last_used_at"].is_string()), "{}", listed.text);
    for key in keys {
        owner.delete(&format!("/api/v1/api-keys/{}", key["id"].as_str().unwrap())).await.expect(204);
    }
    reader.get("/api/v1/monitors").await.expect(401);
    writer.get("/api/v1/monitors").await.expect(401);
}
