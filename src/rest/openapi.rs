//! The OpenAPI 3.1 document: its head, and what every operation has in common. The operations themselves come from the
//! routes, so there is no route without its entry.

use utoipa::openapi::{
    Components, ContactBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, Tag,
    path::{Operation, PathItem},
    schema::Schema,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::http::problem::{PROBLEM_JSON, Problem, QuotaOut};

/// The failures that an operation may answer: status, name of the shared response, what it means.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "InvalidBody", "The body is not valid JSON"),
    (401, "Unauthenticated", "No valid credential"),
    (402, "QuotaExceeded", "What the plan allows is used up; see quota"),
    (403, "Forbidden", "The credential lacks a scope, or its app is paused"),
    (404, "NotFound", "Nothing of that id is visible to the caller, or the feature is switched off"),
    (409, "Conflict", "Something of that name or text exists already"),
    (412, "VersionConflict", "The version in If-Match is not the current one"),
    (413, "TooLarge", "The body or a text is larger than the limit"),
    (415, "UnsupportedMediaType", "The body is not application/json"),
    (422, "InvalidArgument", "A field is missing, malformed or out of range, or an Idempotency-Key came back with another body"),
    (429, "RateLimited", "Too many requests or failed sign-ins; see Retry-After"),
    (500, "Internal", "A fault of ours; it is logged under the request id"),
    (503, "Unavailable", "A dependency is down; nothing was changed; see Retry-After"),
];

/// Title, tags and security schemes.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Jonathan's Memory")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "A personal memory that all your AI clients share. The tenant comes from the credential alone: a `user_id` that is sent is \
             ignored. Failures are RFC 9457 problem+json.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("Jonathan's Memory")).build()))
        .build();
    let tags: Vec<Tag> = [
        ("memories", "What is remembered"),
        ("learning", "Feedback, and what is learned from it"),
        ("apps", "The client programs, what they wrote and read"),
        ("projects", "Named spaces of memories"),
        ("stats", "Totals, activity, and what happens as it happens"),
        ("settings", "What the account has chosen"),
        ("endpoints", "Personal MCP endpoints"),
        ("keys", "API keys"),
        ("auth", "Built-in accounts, and who the caller is"),
        ("usage", "What the account uses, and what that costs"),
        ("billing", "The plan, and what is to be paid"),
        ("webhooks", "Addresses that are told what happens"),
        ("admin", "For the operator of the service: states and counts"),
        ("health", "Probes and metrics"),
    ]
    .into_iter()
    .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
    .collect();
    let bearer = |format, description| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format).description(Some(description)).build())
    };
    let mut components = Components::new();
    components.add_security_scheme(
        ACCESS_TOKEN,
        bearer("JWT", "An access token: of Supabase, or of a built-in account (POST /api/v1/auth/login)."),
    );
    components.add_security_scheme(API_KEY, bearer("API key", "An API key `jmk_…` (POST /api/v1/keys/), sent as a bearer token."));
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags))
        .components(Some(components))
        .security(Some([ACCESS_TOKEN, API_KEY].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []))))
        .build()
}

const ACCESS_TOKEN: &str = "accessToken";
const API_KEY: &str = "apiKey";

/// Adds the problem responses to every operation.
pub(super) fn completed(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert(Problem::name().into_owned(), <Problem as PartialSchema>::schema());
    components.schemas.insert(QuotaOut::name().into_owned(), <QuotaOut as PartialSchema>::schema());
    for (_, name, meaning) in PROBLEMS {
        let content = Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(Problem::name()))));
        let response: Response = ResponseBuilder::new().description(meaning).content(PROBLEM_JSON, content).build();
        components.responses.insert(name.to_owned(), response.into());
    }
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            add_problems(path, operation);
        }
    }
    document
}

fn add_problems(path: &str, operation: &mut Operation) {
    let public = operation.security.is_some();
    let has_body = operation.request_body.is_some();
    let has_header =
        |name: &str| operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.name.eq_ignore_ascii_case(name)));
    let may = |status: u16| match status {
        401 | 429 => !public || has_body,
        402 => ["/memories", "/import", "/context"].iter().any(|part| path.contains(part)),
        403 => !public,
        404 => path.contains('{') || path.contains("/auth/") || path == "/metrics",
        400 | 413 | 415 => has_body,
        409 | 422 => has_body || operation.parameters.is_some(),
        412 => has_header("If-Match"),
        _ => path.starts_with("/api/"),
    };
    let wanted: Vec<_> = PROBLEMS.into_iter().filter(|(status, ..)| may(*status)).collect();
    for (status, name, _) in wanted {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn document() -> serde_json::Value {
        let (_, document) = crate::rest::documented().split_for_parts();
        serde_json::to_value(completed(document)).expect("JSON")
    }

    #[test]
    fn every_operation_is_described() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = HashSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let what = format!("{method} {path}");
                let id = operation["operationId"].as_str().expect(&what);
                assert!(ids.insert(id.to_owned()), "{what}: the id {id} is taken");
                assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{what}");
                assert!(operation["summary"].is_string(), "{what}");
                let responses = operation["responses"].as_object().expect(&what);
                let public = operation.get("security").is_some();
                assert!(public || ["401", "403", "429", "500"].iter().all(|s| responses.contains_key(*s)), "{what}");
                assert!(!path.contains('{') || responses.contains_key("404"), "{what}");
            }
        }
        assert!(ids.len() >= 40, "{}", ids.len());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().expect("a pointer");
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn only_these_need_no_credential() {
        let document = document();
        let mut public: Vec<String> = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            public.extend(item.as_object().expect("operations").values().filter(|o| o.get("security").is_some()).map(|_| path.clone()));
        }
        public.sort();
        let expected = [
            "/api/v1/auth/login",
            "/api/v1/auth/logout",
            "/api/v1/auth/refresh",
            "/api/v1/auth/register",
            "/api/v1/billing/events/{provider}",
            "/health",
            "/health/live",
            "/health/ready",
            "/metrics",
        ];
        assert_eq!(public, expected);
    }
}
