//! The OpenAPI document, the reference, the web app's paths.

use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn the_document_is_openapi_3_1_and_every_reference_in_it_leads_somewhere() {
    let world = World::new().await;
    let document = world.client().get("/api/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                if let (true, Some(link)) = (key == "$ref", inner.as_str()) {
                    references.insert(link.to_owned());
                }
                collect(inner, references);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_operation_has_its_own_name_its_words_and_its_refusals() {
    let world = World::new().await;
    let document = world.client().get("/api/openapi.json").await.expect(200).json();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}: a name twice");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{what}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with(['1', '2'])), "{what}: no success");
            if operation.get("security").is_none() {
                assert!(responses.contains_key("401") && responses.contains_key("403"), "{what}");
            }
            if path.contains("{id}") {
                assert!(responses.contains_key("404"), "{what}");
            }
            if operation.get("requestBody").is_some() {
                assert!(["400", "413", "415", "422"].iter().all(|status| responses.contains_key(*status)), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn the_reference_is_one_page_without_anything_inline() {
    let world = World::new().await;
    let page = world.client().get("/api/docs").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for forbidden in ["<script", "<style", " style=", "onclick"] {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
    let document = world.client().get("/api/openapi.json").await.json();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(path.as_str()), "{path}");
    }
    assert_eq!(
        world.client().get("/api/docs/style.css").await.expect(200).header("content-type"),
        "text/css; charset=utf-8"
    );
}

#[tokio::test]
async fn a_page_of_the_app_is_answered_by_its_shell_and_a_missing_file_is_not() {
    let world = World::new().await;
    let page = world.client().get("/monitors/new").await;
    // A build without the web app says so; one with it serves the shell.
    if page.status == 501 {
        assert_eq!(page.json()["title"], json!("Not Implemented"));
    } else {
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8".to_owned()));
        assert_eq!(page.header("cache-control"), "no-cache");
        let again = world.client().with("if-none-match", page.header("etag")).get("/").await.expect(304);
        assert!(again.text.is_empty());
    }
    for missing in ["/missing.js", "/assets/missing.css", "/api", "/api/v1", "/api/v1/monitors.json"] {
        world.client().get(missing).await.expect(404);
    }
}
