#![no_main]

use std::sync::LazyLock;

use encoders::MiniLm;

static MODEL: LazyLock<MiniLm> = LazyLock::new(|| MiniLm::load().expect("the model is whole"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(MODEL.pieces(&String::from_utf8_lossy(bytes))));
