//! Facts by a chat model of an OpenAI-compatible server, with answers bound to a JSON schema. The instructions lie in
//! `prompts/`; what people said goes as JSON in a message of its own, so that no text can pose as an instruction. Memories
//! are shown by numbers: an id that was not shown cannot be named.

use async_trait::async_trait;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    adapters::openai::OpenAi,
    clock::Timestamp,
    memory::{Answer, Extractor, Fact, Message, ModelError, Resolution},
    tenancy::TenantScope,
};

const FACTS: &str = include_str!("prompts/facts.md");
const RESOLVE: &str = include_str!("prompts/resolve.md");
/// Most categories of a fact.
const CATEGORIES: usize = 3;

/// What the model is asked with.
#[derive(Debug, Clone)]
pub struct OpenAiExtractorSettings {
    /// Name of the model at the server.
    pub model: String,
    /// Most tokens of one answer.
    pub max_output_tokens: u32,
}

/// The extractor.
pub struct OpenAiExtractor {
    api: OpenAi,
    settings: OpenAiExtractorSettings,
}

impl OpenAiExtractor {
    /// An extractor over `api`.
    #[must_use]
    pub const fn new(api: OpenAi, settings: OpenAiExtractorSettings) -> Self {
        Self { api, settings }
    }

    async fn ask<T: DeserializeOwned>(&self, name: &str, instructions: &str, data: Value, schema: Value) -> Result<Answer<T>, ModelError> {
        let request = json!({
            "model": self.settings.model,
            "temperature": 0,
            "max_completion_tokens": self.settings.max_output_tokens,
            "messages": [
                { "role": "system", "content": instructions },
                { "role": "user", "content": data.to_string() },
            ],
            "response_format": { "type": "json_schema", "json_schema": { "name": name, "strict": true, "schema": schema } },
        });
        let completion: Completion = self.api.call("llm", |client| async move { client.chat().create_byot(request).await }).await?;
        let tokens = completion.usage.map_or(0, |usage| usage.total_tokens);
        metrics::counter!("llm_tokens_total").increment(tokens);
        let choice = completion.choices.into_iter().next().ok_or_else(|| ModelError::Faulty("no answer among the choices".into()))?;
        if choice.message.refusal.is_some() {
            return Err(ModelError::Refused("the model declined".into()));
        }
        let content = choice.message.content.unwrap_or_default();
        let cut = if choice.finish_reason.as_deref() == Some("length") { ", it was cut off" } else { "" };
        // Neither the answer nor the reason that the parser gives is repeated: both quote what people said.
        let value =
            serde_json::from_str(&content).map_err(|_| ModelError::Faulty(format!("it is not the JSON that was asked for{cut}")))?;
        Ok(Answer { value, tokens })
    }
}

#[async_trait]
impl Extractor for OpenAiExtractor {
    fn model(&self) -> &str {
        &self.settings.model
    }

    fn answers(&self) -> bool {
        self.api.answers()
    }

    async fn facts(&self, _: &TenantScope, messages: &[Message], today: Timestamp) -> Result<Answer<Vec<Fact>>, ModelError> {
        let instructions = FACTS.replace("{today}", &today.date_time().format("%A, %Y-%m-%d").to_string());
        let schema = object(&json!({ "facts": { "type": "array", "items": object(&json!({
            "text": { "type": "string" },
            "categories": { "type": "array", "items": { "type": "string" } },
        })) } }));
        let answer: Answer<Facts> = self.ask("facts", &instructions, json!({ "messages": messages }), schema).await?;
        let fact = |fact: FactOut| {
            let categories = fact.categories.into_iter().take(CATEGORIES).map(|c| c.trim().to_lowercase()).filter(|c| !c.is_empty());
            Fact { text: fact.text, categories: categories.collect() }
        };
        Ok(Answer { value: answer.value.facts.into_iter().map(fact).collect(), tokens: answer.tokens })
    }

    async fn resolve(&self, _: &TenantScope, facts: &[Fact], known: &[String]) -> Result<Answer<Vec<Resolution>>, ModelError> {
        let numbered = |texts: &mut dyn Iterator<Item = &String>| -> Vec<Value> {
            texts.enumerate().map(|(number, text)| json!({ "number": number, "text": text })).collect()
        };
        let data = json!({ "memories": numbered(&mut known.iter()), "facts": numbered(&mut facts.iter().map(|f| &f.text)) });
        let schema = object(&json!({ "decisions": { "type": "array", "items": object(&json!({
            "fact": { "type": "integer" },
            "event": { "type": "string", "enum": ["ADD", "UPDATE", "DELETE", "NONE"] },
            "memory": { "type": ["integer", "null"] },
            "text": { "type": ["string", "null"] },
        })) } }));
        let answer: Answer<Decisions> = self.ask("decisions", RESOLVE, data, schema).await?;
        let mut resolutions = vec![Resolution::Add; facts.len()];
        for decision in answer.value.decisions {
            if let Some(resolution) = resolutions.get_mut(decision.fact) {
                *resolution = decision.checked(known.len());
            }
        }
        Ok(Answer { value: resolutions, tokens: answer.tokens })
    }
}

/// An object with these properties, all of them required and no other allowed: what strict schemas ask for.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(|p| p.keys().cloned()).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: MessageOut,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct MessageOut {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    total_tokens: u64,
}

#[derive(Deserialize)]
struct Facts {
    facts: Vec<FactOut>,
}

#[derive(Deserialize)]
struct FactOut {
    text: String,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Deserialize)]
struct Decisions {
    decisions: Vec<Decision>,
}

#[derive(Deserialize)]
struct Decision {
    fact: usize,
    event: String,
    memory: Option<usize>,
    text: Option<String>,
}

impl Decision {
    /// What it means, if it names a memory that was shown. Anything else keeps the fact as a new memory.
    fn checked(self, shown: usize) -> Resolution {
        let known = self.memory.filter(|number| *number < shown);
        match (self.event.as_str(), known, self.text) {
            ("UPDATE", Some(known), Some(text)) => Resolution::Update { known, text },
            ("DELETE", Some(known), _) => Resolution::Delete { known },
            ("NONE", Some(known), _) => Resolution::None { known: Some(known) },
            _ => Resolution::Add,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_that_was_not_shown_is_none_to_change() {
        let decision =
            |event: &str, memory, text: Option<&str>| Decision { fact: 0, event: event.into(), memory, text: text.map(Into::into) };
        assert_eq!(decision("DELETE", Some(7), None).checked(3), Resolution::Add);
        assert_eq!(decision("UPDATE", Some(2), None).checked(3), Resolution::Add, "no text");
        assert_eq!(decision("NONE", None, None).checked(3), Resolution::Add, "known by nothing");
        assert_eq!(decision("UPDATE", Some(2), Some("x")).checked(3), Resolution::Update { known: 2, text: "x".into() });
        assert_eq!(decision("DROP TABLE", Some(0), None).checked(3), Resolution::Add);
    }
}
