#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rubrique_fuzz::cells(bytes));
