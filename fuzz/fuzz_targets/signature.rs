//! Signatures and public keys belong to the command line, so its own source is taken.

#![no_main]

use std::path::Path;

#[allow(dead_code)]
#[path = "../../src/cli/signature.rs"]
mod signature;

use signature::Verdict;

const KEY: &str = include_str!("../../tests/golden/minisign/tool.pub");

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The first byte says which of the two it is.
    let Some((first, content)) = bytes.split_first() else { return };
    rubrique_fuzz::in_file("minisig", content, |path| {
        if first % 2 == 0 {
            let key = signature::public_key(Path::new(KEY.lines().nth(1).unwrap())).unwrap();
            // Nobody signed these bytes.
            let verdict = signature::verify(b"nobody signed this", path, &key);
            assert!(!matches!(verdict, Ok(Verdict::Good { .. })));
        } else if let Ok(key) = signature::public_key(path) {
            assert!(signature::public_key(Path::new(&key.to_base64())).is_ok());
        }
    });
});
