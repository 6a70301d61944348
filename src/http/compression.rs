//! Answers in JSON leave compressed for whoever takes that; streams, files and what is short leave as they are.

use axum::http::header;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// Below, a packet holds it in any case.
const LEAST: u64 = 1_024;

/// What is worth compressing.
#[derive(Debug, Clone, Copy)]
pub struct LongJson;

impl Predicate for LongJson {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        matches!(kind, "application/json" | "application/problem+json") && SizeAbove::new(LEAST).should_compress(response)
    }
}

/// The layer for the router that holds all routes. Speed counts for more than the last percent.
#[must_use]
pub fn layer() -> CompressionLayer<LongJson> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(LongJson)
}
