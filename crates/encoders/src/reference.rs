//! What the original models answer, for the tests of both: the files that `reference.py` wrote.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// A text, its pieces and its vector.
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) vector: Vec<f32>,
    pub(crate) json: Value,
}

impl Case {
    /// The piece numbers, where the file gives numbers.
    pub(crate) fn ids(&self) -> Vec<u32> {
        serde_json::from_value(self.json["ids"].clone()).unwrap()
    }
}

/// The cases of a `reference.json`.
pub(crate) fn cases(json: &str) -> Vec<Case> {
    let root: Value = serde_json::from_str(json).unwrap();
    let case = |case: &Value| Case {
        text: if let Some(text) = case["text"].as_str() {
            text.to_owned()
        } else {
            let count = usize::try_from(case["repeat"][1].as_u64().unwrap()).unwrap();
            case["repeat"][0].as_str().unwrap().repeat(count)
        },
        vector: {
            let bytes = STANDARD.decode(case["vector"].as_str().unwrap()).unwrap();
            bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        },
        json: case.clone(),
    };
    root["cases"].as_array().unwrap().iter().map(case).collect()
}

/// The cosine of two vectors.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
