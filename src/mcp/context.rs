//! The context as MCP offers it besides tools: a prompt that a person picks, and a resource that a client attaches. Both are
//! the text of `POST /api/v1/context`; their names and descriptions are compiled in.

use rmcp::{
    ErrorData,
    model::{
        CacheScope, GetPromptRequestParams, GetPromptResult, Prompt, PromptArgument, PromptMessage, ReadResourceResult, Resource,
        ResourceContents, Role,
    },
};

use crate::{
    auth::Principal,
    error::Error,
    http::secret_path::without_secrets,
    memory::{
        Memories,
        context::{Context, ContextQuery},
    },
};

const PROMPT: &str = "memory_context";
const URI: &str = "memory://context";
const QUERY: &str = "query";
/// For clients that cannot show an empty message.
const NOTHING: &str = "Nothing is remembered about this yet.";

/// The prompts.
pub(super) fn prompts() -> Vec<Prompt> {
    let query = PromptArgument::new(QUERY).with_description("What you are about to talk about").with_required(false);
    let description = "What is remembered about the user: profile, recent, and what bears on a question";
    vec![Prompt::new(PROMPT, Some(description), Some(vec![query])).with_title("Memory context")]
}

/// The resources.
pub(super) fn resources() -> Vec<Resource> {
    let description = "Who the user is and what is new, as stored data";
    vec![Resource::new(URI, PROMPT).with_title("Memory context").with_description(description).with_mime_type("text/plain")]
}

/// The prompt of this name.
pub(super) async fn prompt(memories: &Memories, by: &Principal, asked: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    if asked.name != PROMPT {
        return Err(ErrorData::invalid_params(format!("There is no such prompt. Known: {PROMPT}."), None));
    }
    let query = match asked.arguments.as_ref().and_then(|arguments| arguments.get(QUERY)) {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(query)) => Some(query.clone()),
        Some(_) => return Err(ErrorData::invalid_params("query must be a text.", None)),
    };
    let context = of(memories, by, query).await?;
    let text = if context.text.is_empty() { NOTHING.to_owned() } else { context.text };
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]))
}

/// The resource at this address.
pub(super) async fn resource(memories: &Memories, by: &Principal, uri: &str, modern: bool) -> Result<ReadResourceResult, ErrorData> {
    if uri != URI {
        let data = serde_json::json!({ "uri": uri });
        return Err(ErrorData::resource_not_found(format!("There is no such resource. Known: {URI}."), Some(data)));
    }
    let context = of(memories, by, None).await?;
    let result = ReadResourceResult::new(vec![ResourceContents::text(context.text, URI)]);
    // Of this user, and of this moment.
    Ok(if modern { result.with_cache_scope(CacheScope::Private).with_ttl_ms(0) } else { result })
}

async fn of(memories: &Memories, by: &Principal, query: Option<String>) -> Result<Context, ErrorData> {
    memories.contexts.build(by, ContextQuery { query, ..ContextQuery::default() }).await.map_err(|error| refused(&error))
}

pub(super) fn refused(error: &Error) -> ErrorData {
    let detail = without_secrets(error.detail()).into_owned();
    match error.cause() {
        None => ErrorData::invalid_params(detail, None),
        Some(cause) => {
            tracing::error!(code = error.code().as_str(), cause = format!("{cause:#}"), "a context could not be made");
            ErrorData::internal_error(detail, None)
        }
    }
}
