//! `/auth`: built-in accounts, and who the caller is. Passwords and tokens live in these types without `Debug`, so
//! that none can be printed by accident.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{
    extract::{FromRequestParts, State},
    http::{Extensions, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Accounts, Emails, RestParts, common::manages_tenant};
use crate::{
    auth::{AccountService, Authenticator, CredentialKind, SignedIn, TokenPair},
    error::{Code, Error, Result},
    http::{
        client_ip::ClientIp,
        extract::{Caller, Json, refused},
    },
    tenancy::OperatorService,
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        register;
        login;
        refresh;
        logout;
        logout_everywhere;
        change_password;
        me;
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailAndPassword {
    #[schema(example = "maria@example.com")]
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// The password there is, and the one that shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    #[schema(format = Password)]
    current_password: String,
    #[schema(format = Password)]
    new_password: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshToken {
    /// As the latest sign-in or refresh answered it.
    refresh_token: String,
}

/// Tokens of a sign-in.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensOut {
    /// For `Authorization: Bearer …`.
    access_token: String,
    /// For the next pair; works once.
    refresh_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
}

impl From<TokenPair> for TokensOut {
    fn from(pair: TokenPair) -> Self {
        Self { access_token: pair.access_token, refresh_token: pair.refresh_token, token_type: "bearer", expires_in: pair.expires_in_secs }
    }
}

/// Who signed in, with their tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedInOut {
    user_id: Uuid,
    email: Option<String>,
    #[serde(flatten)]
    tokens: TokensOut,
}

impl From<SignedIn> for SignedInOut {
    fn from(signed_in: SignedIn) -> Self {
        Self { user_id: signed_in.member.user.0, email: signed_in.member.email, tokens: signed_in.tokens.into() }
    }
}

/// Who the caller is, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    user_id: Uuid,
    tenant_id: Uuid,
    /// Null for a credential that opens one project.
    email: Option<String>,
    /// `access_token` or `api_key`.
    credential: &'static str,
    /// The API key; null for an access token.
    credential_id: Option<Uuid>,
    /// The app that the request speaks for.
    client: String,
    scopes: Vec<&'static str>,
    /// The only project that the credential opens; null for all.
    project_id: Option<Uuid>,
    /// Where memories go when no project is named.
    default_project_id: Uuid,
    /// Whether the caller keeps the service running, and sees `/admin`.
    operator: bool,
}

/// Create an account and sign in
#[utoipa::path(post, path = "/auth/register", operation_id = "register", tag = "auth", security(()), request_body = EmailAndPassword,
    responses((status = 201, description = "The account, signed in", body = SignedInOut)))]
async fn register(State(accounts): State<Accounts>, Peer(ip): Peer, Json(body): Json<EmailAndPassword>) -> Result<Response> {
    let service = enabled(&accounts)?;
    if !accounts.registration {
        return Err(Error::new(Code::Disabled, "Registration is closed on this server. Ask its operator for an account."));
    }
    let signed_in = service.register(&body.email, &body.password, ip).await?;
    Ok((StatusCode::CREATED, Json(SignedInOut::from(signed_in))).into_response())
}

/// Sign in
#[utoipa::path(post, path = "/auth/login", operation_id = "login", tag = "auth", security(()), request_body = EmailAndPassword,
    responses((status = 200, description = "Signed in", body = SignedInOut)))]
async fn login(State(accounts): State<Accounts>, Peer(ip): Peer, Json(body): Json<EmailAndPassword>) -> Result<Json<SignedInOut>> {
    Ok(Json(enabled(&accounts)?.login(&body.email, &body.password, ip).await?.into()))
}

/// Exchange a refresh token for new tokens
///
/// A refresh token works once. One that comes back a second time ends its whole sign-in.
#[utoipa::path(post, path = "/auth/refresh", operation_id = "refresh", tag = "auth", security(()), request_body = RefreshToken,
    responses((status = 200, description = "New tokens", body = TokensOut)))]
async fn refresh(
    State(accounts): State<Accounts>,
    State(authenticator): State<Arc<Authenticator>>,
    extensions: Extensions,
    Json(body): Json<RefreshToken>,
) -> Result<Json<TokensOut>> {
    let tokens = enabled(&accounts)?.refresh(&body.refresh_token).await;
    Ok(Json(tokens.map_err(|error| refused(&authenticator, &extensions, error))?.into()))
}

/// End a sign-in
///
/// Its access tokens stop working too. Fine for a token that is not known.
#[utoipa::path(post, path = "/auth/logout", operation_id = "logout", tag = "auth", security(()), request_body = RefreshToken,
    responses((status = 204, description = "Signed out")))]
async fn logout(State(accounts): State<Accounts>, Json(body): Json<RefreshToken>) -> Result<StatusCode> {
    enabled(&accounts)?.logout(&body.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End every sign-in of this person
///
/// On all devices, this one included. Endpoints and API keys go on working: those are revoked one by one.
#[utoipa::path(post, path = "/auth/logout-everywhere", operation_id = "logoutEverywhere", tag = "auth",
    responses((status = 204, description = "Signed out everywhere")))]
async fn logout_everywhere(State(accounts): State<Accounts>, Caller(by): Caller) -> Result<StatusCode> {
    let service = enabled(&accounts)?;
    manages_tenant(&by)?;
    service.logout_everywhere(&by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change your password
///
/// Ends every sign-in on all devices, and answers the tokens of a new one. Endpoints and API keys go on working.
#[utoipa::path(post, path = "/auth/password", operation_id = "changePassword", tag = "auth", request_body = PasswordChange,
    responses((status = 200, description = "Changed, and signed in anew", body = SignedInOut)))]
async fn change_password(
    State(accounts): State<Accounts>,
    Peer(ip): Peer,
    Caller(by): Caller,
    Json(body): Json<PasswordChange>,
) -> Result<Json<SignedInOut>> {
    let service = enabled(&accounts)?;
    if by.kind != CredentialKind::Jwt {
        return Err(Error::new(Code::InsufficientScope, "A password is changed by the person who is signed in, not with an API key."));
    }
    Ok(Json(service.change_password(by.user, by.scope.tenant(), &body.current_password, &body.new_password, ip).await?.into()))
}

/// See who you are and what you may do
#[utoipa::path(get, path = "/auth/me", operation_id = "me", tag = "auth",
    responses((status = 200, description = "The caller", body = Me)))]
async fn me(State(emails): State<Emails>, State(operator): State<OperatorService>, Caller(by): Caller) -> Result<Json<Me>> {
    let operator = by.kind == CredentialKind::Jwt && operator.is_operator(by.user, by.scope.tenant()).await?;
    Ok(Json(Me {
        operator,
        user_id: by.user.0,
        tenant_id: by.scope.tenant().0,
        email: emails.of(&by).await?,
        credential: match by.kind {
            CredentialKind::Jwt => "access_token",
            CredentialKind::ApiKey => "api_key",
            CredentialKind::Endpoint => "endpoint",
            CredentialKind::Grant => "grant",
        },
        credential_id: by.credential.map(|id| id.0),
        client: by.client,
        scopes: by.scopes.names(),
        project_id: by.project.map(|id| id.0),
        default_project_id: by.default_project.0,
    }))
}

fn enabled(accounts: &Accounts) -> Result<&AccountService> {
    accounts.service.as_deref().ok_or_else(|| {
        Error::new(Code::Disabled, "This server has no accounts of its own. Sign in with its identity provider and send that access token.")
    })
}

/// The caller's address; callers without one (there is no listener) count as one.
pub(super) struct Peer(pub(super) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(ClientIp::of(&parts.extensions).unwrap_or(Ipv4Addr::UNSPECIFIED.into())))
    }
}
