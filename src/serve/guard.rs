//! Who is answered: requests to this very address, from its own page, with the token.
//!
//! Another page in the same browser can send requests here (it sees no answers), and one whose name was made to point at 127.0.0.1 can
//! read answers too. Hence the names: `Host` must be ours, and `Origin` where a browser says it.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use super::routes::App;

/// What every answer says to browsers: run and load nothing but ours, be framed, read and guessed at by nobody.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Refuses what is not sent to this place or not by its page, and tells browsers what the answer may be used for.
pub(super) async fn place(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = match check_place(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses what comes without the token.
pub(super) async fn token(State(app): State<App>, request: Request, next: Next) -> Response {
    match check_token(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check_place(app: &App, request: &Request) -> Result<(), Refusal> {
    let (headers, uri) = (request.headers(), request.uri());
    let names = [format!("127.0.0.1:{}", app.port), format!("localhost:{}", app.port)];
    let host = only(headers, &header::HOST)?;
    let is_ours = |name: &str| names.iter().any(|ours| ours == name);
    if !host.is_some_and(is_ours) || !uri.authority().is_none_or(|a| is_ours(a.as_str())) {
        return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, "this is another host"));
    }
    if let Some(origin) = only(headers, &header::ORIGIN)?
        && !origin.strip_prefix("http://").is_some_and(is_ours)
    {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "another page asks for this"));
    }
    Ok(())
}

fn check_token(app: &App, request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    if let Some(site) = only(headers, &HeaderName::from_static("sec-fetch-site"))?
        && !["same-origin", "none"].contains(&site)
    {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "another page asks for this"));
    }
    let token = only(headers, &header::AUTHORIZATION)?.and_then(|t| t.strip_prefix("Bearer "));
    match token {
        Some(token) if app.token.is(token) => Ok(()),
        _ => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "the token is missing: open the address that acetate serve printed",
        )),
    }
}

/// The one value of a header; two, or one that is no text, are nobody's who means well.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let wrong = || Refusal::new(StatusCode::BAD_REQUEST, "the header cannot be read");
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(HeaderValue::to_str).transpose().map_err(|_| wrong())?;
    if values.next().is_some() { Err(wrong()) } else { Ok(value) }
}
