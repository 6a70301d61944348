#![no_main]

use std::sync::LazyLock;

use encoders::{E5, MiniLm};

static MODELS: LazyLock<(MiniLm, E5)> =
    LazyLock::new(|| (MiniLm::load().expect("the model is whole"), E5::load().expect("the model is whole")));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    drop((MODELS.0.pieces(&text), MODELS.1.pieces(&text)));
});
