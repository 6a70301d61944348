//! `GET /oauth/authorize`: where clients send people. A request that can be asked goes on to the page; one of a client or to an
//! address that nobody knows ends here, in words.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{super::accounts::Peer, wire::pairs};
use crate::oauth::{Authorize, OAuth, Refusal};

pub(super) async fn authorize(State(oauth): State<OAuth>, Peer(from): Peer, RawQuery(query): RawQuery) -> Response {
    let asked = match Authorize::of(pairs(query.unwrap_or_default().as_bytes())) {
        Ok(asked) => asked,
        Err(name) => return dead_end(&format!("The address names {name} twice.")),
    };
    match oauth.consents.ask(from, &asked).await {
        Ok(id) => to(&format!("{}/authorize/{id}", oauth.settings.base)),
        Err(Refusal::Back(address)) => to(&address),
        Err(Refusal::Here(sentence)) => dead_end(&sentence),
        Err(Refusal::Ours(error)) => error.into_response(),
    }
}

fn to(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::FOUND, [(header::LOCATION, address)]).into_response(),
        Err(_) => dead_end("The address to go on to cannot be written down."),
    }
}

/// A page of plain words.
fn dead_end(sentence: &str) -> Response {
    let sentence: String = sentence
        .chars()
        .map(|c| match c {
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '&' => "&amp;".to_owned(),
            '"' => "&quot;".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>This connection cannot be made</title>\
         <style>body{{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}}h1{{font-size:1.4rem}}</style>\
         <h1>This connection cannot be made</h1><p>{sentence}</p>\
         <p>Nothing was shared, and you were sent nowhere. Go back to the program that you came from and connect again; \
         if it stays like this, its maker has to mend it.</p></html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)];
    (StatusCode::BAD_REQUEST, headers, page).into_response()
}
