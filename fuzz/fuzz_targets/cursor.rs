#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| jonathans_memory::fuzz::cursor(bytes));
