#![no_main]

use std::sync::LazyLock;

use jonathans_memory::adapters::embedder::LocalEmbedder;

static MODEL: LazyLock<LocalEmbedder> = LazyLock::new(|| LocalEmbedder::load().expect("the model is whole"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(MODEL.pieces(&String::from_utf8_lossy(bytes))));
