//! A value to be written into a file, with its keys in the order in which people expect them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value without the kinds that no entry needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Node {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, node)| (key.to_owned(), node)).collect())
    }

    /// This node within as many maps as there are keys.
    pub(crate) fn within(self, keys: &[String]) -> Self {
        keys.iter().rev().fold(self, |inner, key| Self::Map(vec![(key.clone(), inner)]))
    }

    /// The same without an order of keys, to be compared.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Flag(flag) => Value::from(*flag),
            Self::List(nodes) => nodes.iter().map(Self::value).collect(),
            Self::Map(entries) => entries.iter().map(|(key, node)| (key.clone(), node.value())).collect(),
        }
    }

    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }
}
