//! Arbitrary bytes through all of `rubrique::text`. Run with `cargo +nightly fuzz run tokenize`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::text::{Analyzer, AnalyzerSettings, Numbers, language, repair, sentences, tokenize};

/// Chunks that are looked up whole give as many terms as their tokens one by one.
fn chunks_agree(text: &str) {
    let analyzer = Analyzer::new(AnalyzerSettings::default()).expect("the settings are in range");
    let terms = analyzer.terms(text).len();
    let vectorizer = Vectorizer::new(analyzer, Zones::FLAT).expect("the zones are in range");
    let mut scratch = Scratch::default();
    for _ in ["new", "remembered"] {
        let counted = vectorizer.count("", text, &mut scratch);
        assert_eq!(counted.terms.iter().map(|t| t.1 as usize).sum::<usize>(), terms);
    }
}

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
    chunks_agree(&text);
});
