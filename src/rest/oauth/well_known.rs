//! What clients read first: of the resource (RFC 9728) and of the authorization server (RFC 8414). A member that does not apply is
//! left out: some clients take no null. No `openid-configuration` is served, for no identity is proven here.

use axum::extract::State;
use serde::Serialize;

use crate::{
    auth::{Scope, Scopes},
    http::extract::Json,
    oauth::OAuth,
};

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of RFC 9728")]
pub(super) struct Resource {
    resource: String,
    authorization_servers: [String; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
    resource_documentation: String,
}

/// `GET /.well-known/oauth-protected-resource`, and the same with `/mcp` behind it.
pub(super) async fn resource(State(oauth): State<OAuth>) -> Json<Resource> {
    let base = oauth.settings.base.clone();
    Json(Resource {
        resource: oauth.settings.resource(),
        resource_documentation: format!("{base}/docs"),
        authorization_servers: [base],
        scopes_supported: Scopes::default_for_credentials().names(),
        bearer_methods_supported: ["header"],
        resource_name: "Jonathan's Memory",
    })
}

#[derive(Serialize)]
pub(super) struct Server {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    device_authorization_endpoint: String,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    scopes_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    client_id_metadata_document_supported: bool,
    authorization_response_iss_parameter_supported: bool,
    service_documentation: String,
}

/// `GET /.well-known/oauth-authorization-server`.
pub(super) async fn server(State(oauth): State<OAuth>) -> Json<Server> {
    let base = &oauth.settings.base;
    let at = |path: &str| format!("{base}{path}");
    let methods = ["none", "client_secret_post", "client_secret_basic"];
    // Some clients use a refresh token only where this word stands here.
    let grantable = Scope::ALL.into_iter().filter(|scope| *scope != Scope::AccountManage).map(Scope::as_str);
    Json(Server {
        issuer: base.clone(),
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        registration_endpoint: at("/oauth/register"),
        revocation_endpoint: at("/oauth/revoke"),
        device_authorization_endpoint: at("/oauth/device_authorization"),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_methods_supported: methods,
        scopes_supported: grantable.chain(["offline_access"]).collect(),
        client_id_metadata_document_supported: oauth.clients.by_document(),
        authorization_response_iss_parameter_supported: true,
        service_documentation: at("/docs"),
    })
}
