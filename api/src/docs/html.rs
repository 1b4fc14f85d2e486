//! The reference as HTML: one section for each tag, one entry for each operation, the schemas at the end.

use serde_json::{Map, Value};
use std::fmt::Write as _;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const SCHEMAS: &str = "#/components/schemas/";

/// One method of one path.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a Value,
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        text(self.body, "/tags/0")
    }

    fn anchor(&self) -> &str {
        text(self.body, "/operationId")
    }
}

/// The whole page.
pub(super) fn page(document: &Value) -> String {
    let operations = operations(document);
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Pulse API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/api/docs/style.css\"></head><body>",
    );
    let description = escape(text(document, "/info/description"));
    push(&mut html, format_args!("<h1>Pulse API</h1><p>{description}</p>"));
    html.push_str("<p><a href=\"/api/openapi.json\">openapi.json</a></p><nav aria-label=\"Operations\"><ul>");
    for operation in &operations {
        let (anchor, method) = (operation.anchor(), operation.method.to_uppercase());
        push(&mut html, format_args!("<li><a href=\"#{anchor}\">{method} {}</a></li>", short(operation.path)));
    }
    html.push_str("</ul></nav><main>");
    for tag in document.get("tags").and_then(Value::as_array).into_iter().flatten() {
        let name = text(tag, "/name");
        push(&mut html, format_args!("<h2>{}</h2><p>{}</p>", escape(name), escape(text(tag, "/description"))));
        operations.iter().filter(|operation| operation.tag() == name).for_each(|operation| entry(&mut html, operation));
    }
    schemas(&mut html, document);
    html.push_str("</main></body></html>");
    html
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| item.get(*method).map(|body| Operation { method, path, body }))
        })
        .collect()
}

fn entry(html: &mut String, operation: &Operation<'_>) {
    let body = operation.body;
    let method = operation.method.to_uppercase();
    push(html, format_args!("<h3 id=\"{}\"><code>{method} {}</code></h3>", operation.anchor(), escape(operation.path)));
    push(html, format_args!("<p>{}</p>", escape(text(body, "/summary"))));
    if let Some(description) = body.get("description").and_then(Value::as_str) {
        push(html, format_args!("<p>{}</p>", escape(description)));
    }
    parameters(html, body);
    if let Some(content) = body.pointer("/requestBody/content").and_then(Value::as_object) {
        push(html, format_args!("<p>Body: {}</p>", contents(content)));
    }
    html.push_str("<details><summary>Answers</summary><table><thead><tr><th>Status</th><th>When</th><th>Body</th></tr></thead><tbody>");
    for (status, response) in body.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let shape = response.get("content").and_then(Value::as_object).map(contents).unwrap_or_default();
        let when = escape(text(response, "/description"));
        push(html, format_args!("<tr><td>{}</td><td>{when}</td><td>{shape}</td></tr>", escape(status)));
    }
    html.push_str("</tbody></table></details>");
}

fn parameters(html: &mut String, body: &Value) {
    let Some(parameters) = body.get("parameters").and_then(Value::as_array).filter(|all| !all.is_empty()) else {
        return;
    };
    html.push_str("<table><thead><tr><th>Parameter</th><th>In</th><th>Shape</th><th>Meaning</th></tr></thead><tbody>");
    for parameter in parameters {
        let (name, place) = (escape(text(parameter, "/name")), escape(text(parameter, "/in")));
        let schema = parameter.get("schema").map(shape).unwrap_or_default();
        let meaning = escape(text(parameter, "/description"));
        push(
            html,
            format_args!("<tr><td><code>{name}</code></td><td>{place}</td><td>{schema}</td><td>{meaning}</td></tr>"),
        );
    }
    html.push_str("</tbody></table>");
}

fn schemas(html: &mut String, document: &Value) {
    html.push_str("<h2>Schemas</h2>");
    for (name, schema) in document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        let name = escape(name);
        let json = serde_json::to_string_pretty(schema).unwrap_or_default();
        push(html, format_args!("<h3 id=\"schema-{name}\">{name}</h3><pre tabindex=\"0\">{}</pre>", escape(&json)));
    }
}

fn contents(content: &Map<String, Value>) -> String {
    let each = content.iter().map(|(kind, media)| {
        let shape = media.get("schema").map(shape).unwrap_or_default();
        format!("<code>{}</code> {shape}", escape(kind))
    });
    each.collect::<Vec<_>>().join(", ")
}

/// A schema in a few words, with links to what has a name.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|link| link.strip_prefix(SCHEMAS)) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if let Some(choices) = schema.get("oneOf").or(schema.get("anyOf")).and_then(Value::as_array) {
        return choices.iter().map(shape).collect::<Vec<_>>().join(" or ");
    }
    match schema.get("type") {
        Some(Value::String(kind)) => escape(kind),
        Some(Value::Array(kinds)) => escape(&kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")),
        _ => "any".to_owned(),
    }
}

fn short(path: &str) -> String {
    escape(path.trim_start_matches("/api/v1/"))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writing to a string can't fail.
fn push(html: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = html.write_fmt(arguments);
}
