//! Arbitrary bytes through all of `rubrique::text`. Run with `cargo +nightly fuzz run tokenize`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rubrique::text::{Analyzer, AnalyzerSettings, Numbers, language, repair, sentences, tokenize};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for token in tokenize(&text) {
        assert!(end <= token.start && token.start < token.end);
        assert!(!text[end..token.start].contains(char::is_alphanumeric));
        end = token.end;
    }
    assert!(!text[end..].contains(char::is_alphanumeric));
    for range in sentences(&text) {
        assert!(!text[range].is_empty());
    }
    language(&text);
    let settings = AnalyzerSettings {
        word_ngrams: 3,
        char_ngrams: Some((3, 6)),
        numbers: Numbers::Class,
        ..AnalyzerSettings::default()
    };
    Analyzer::new(settings).expect("the settings are in range").terms(&repair(&text));
});
