//! The page itself, as it was built into the program.

use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// What tells the page that the program gives it.
const HOST: (&str, &[u8]) = ("host.js", b"export const served = true;\n");

/// A file of the page.
pub(super) async fn asset(request: Request) -> Response {
    let name = match request.uri().path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    match [HOST].iter().chain(acetate_page::FILES).find(|(known, _)| *known == name) {
        Some((_, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind(name)), (header::CACHE_CONTROL, "no-cache")];
            (headers, *bytes).into_response()
        }
        None => Refusal::not_found("there is nothing here").into_response(),
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_has_a_kind_that_browsers_take() {
        for name in ["index.html", HOST.0] {
            assert!(acetate_page::FILES.iter().any(|(known, _)| *known == name));
        }
        for (name, bytes) in acetate_page::FILES {
            assert_ne!(kind(name), "application/octet-stream", "{name}");
            assert!(!bytes.is_empty(), "{name}");
        }
    }
}
