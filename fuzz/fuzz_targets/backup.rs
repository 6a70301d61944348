#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| drop(jonathans_memory::adapters::sql::verify_backup(bytes)));
