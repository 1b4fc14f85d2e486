//! The built web app, carried inside the binary.
//!
//! Files under `/assets/` have their content's hash in their name and never change; `index.html` answers every page of the
//! app, so that each of them can be opened by its URL.

use crate::{problem::Problem, shell::hex, state::ApiState};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// `cargo xtask ui` fills the folder; without it the API works and pages say how to get them.
#[derive(RustEmbed)]
#[folder = "../ui/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// The compressed twins that the build makes, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about before each use.
const REVALIDATE: &str = "no-cache";

pub(crate) fn router() -> Router<ApiState> {
    Router::new().fallback(serve)
}

async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let is_asset = path.starts_with("assets/");
    // The API's own paths never fall through to a page, and neither does a file that isn't there.
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_page = !is_asset && path != "api" && !path.starts_with("api/") && !name.contains('.');
    match find(if is_page { INDEX } else { path }, request.headers()) {
        Some(found) => answer(found, is_asset, request.headers()),
        None if is_page => missing(),
        None => Problem::not_found().into_response(),
    }
}

struct Found {
    file: EmbeddedFile,
    kind: &'static str,
    encoding: Option<&'static str>,
}

/// The file, in the best form that the client takes.
fn find(path: &str, headers: &HeaderMap) -> Option<Found> {
    // The twins are no files of their own.
    if ENCODINGS.iter().any(|(_, suffix)| path.rsplit_once('.').is_some_and(|(_, end)| end == *suffix)) {
        return None;
    }
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let twin = ENCODINGS
        .iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, suffix)| Dist::get(&format!("{path}.{suffix}")).map(|file| (file, Some(*encoding))));
    let (file, encoding) = match twin {
        Some(twin) => twin,
        None => (Dist::get(path)?, None),
    };
    Some(Found { file, kind: kind(path), encoding })
}

/// Whether a list such as `gzip, br;q=0.5` takes the encoding.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused =
            parts.any(|weight| matches!(weight.strip_prefix("q=").map(str::parse::<f32>), Some(Ok(q)) if q <= 0.0));
        named && !refused
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn answer(found: Found, is_asset: bool, headers: &HeaderMap) -> Response {
    let hash = hex(&found.file.metadata.sha256_hash());
    let etag = format!("\"{hash}\"");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let (status, body) = if is_known {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Body::from(found.file.data))
    };
    let mut response = (status, body).into_response();
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind));
    fields.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(if is_asset { FOREVER } else { REVALIDATE }));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        fields.insert(header::ETAG, etag);
    }
    if let Some(encoding) = found.encoding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// A binary that was built without the web app.
fn missing() -> Response {
    let detail =
        "This build of Pulse carries no web app (`cargo xtask ui` builds it). The API is documented at /api/docs.";
    Problem::new(StatusCode::NOT_IMPLEMENTED, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_unless_it_is_refused() {
        for (list, taken) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0", true),
            ("br;q=0", false),
            ("gzip", false),
            ("", false),
            ("BR", true),
        ] {
            assert_eq!(accepts(list, "br"), taken, "{list}");
        }
    }
}
