//! What holds for every text, sound or not: spans, gaps, spellings, and that nothing panics.

use std::collections::BTreeMap;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use proptest::prelude::*;
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::text::{
    Analyzer, AnalyzerSettings, Numbers, TokenKind, fold, language, repair, sentences,
    strip_accents, tokenize,
};

/// Pieces that French texts are made of, and what meddles with them on their way. Joined in any order they
/// meet the scanner's rules far more often than characters drawn at random.
const PIECES: &[&str] = &[
    "a",
    "l",
    "L",
    "c",
    "qu",
    "N",
    "M",
    "t",
    "y",
    "il",
    "on",
    "est",
    "dire",
    "accord",
    "Été",
    "été",
    "e\u{301}te\u{301}",
    "œuvre",
    "ÉTAT",
    "Djamena",
    "aujourd",
    "hui",
    "là",
    "la\u{300}",
    "ci",
    "www",
    "http",
    "fr",
    "exemple",
    "art",
    "É",
    "E\u{301}",
    "dép",
    "à",
    "ème",
    "sept",
    "al",
    "vol",
    "Mgr",
    "fin.Le",
    "état. ",
    "എ",
    "M\u{AD}\u{AD}\u{301}\u{301}\u{301}\u{301}",
    "avril",
    "1er",
    "-ce",
    "-t-",
    "h",
    "H",
    "km",
    "M€",
    "e",
    "s",
    "er",
    "0",
    "7",
    "12",
    "000",
    "2016",
    "мир",
    "和",
    "'",
    "’",
    "\u{2BC}",
    "\u{FF07}",
    "-",
    "\u{2010}",
    "\u{2011}",
    "–",
    "—",
    ".",
    "..",
    "…",
    ",",
    ":",
    "/",
    "//",
    "@",
    "#",
    "_",
    "+",
    "&",
    "(",
    ")",
    "~",
    "·",
    "«",
    "»",
    "“",
    "\"",
    "%",
    "?",
    "=",
    "*",
    "€",
    "°",
    "×",
    "÷",
    "\u{301}",
    "\u{327}",
    "\u{AD}",
    "\u{200B}",
    "\u{200D}",
    "\u{FEFF}",
    "\u{A0}",
    "\u{202F}",
    "\u{2009}",
    " ",
    " ",
    " ",
    "\n",
    "\0",
    "\u{7F}",
    "Ã©",
    "â€™",
    "&amp;",
    "&#8217;",
    "😀",
];

fn french_pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![3 => french_pieces(), 1 => any::<String>(), 1 => "\\PC{0,200}"]
}

fn nfc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

fn nfd(text: &str) -> String {
    DecomposingNormalizerBorrowed::new_nfd().normalize(text).into_owned()
}

fn folded_tokens(text: &str) -> Vec<(TokenKind, String)> {
    tokenize(text)
        .map(|token| {
            let mut folded = String::new();
            fold(token.surface(text), &mut folded);
            (token.kind, folded)
        })
        .collect()
}

fn settings() -> [AnalyzerSettings; 2] {
    [
        AnalyzerSettings::default(),
        AnalyzerSettings {
            accents: false,
            word_ngrams: 3,
            char_ngrams: Some((3, 6)),
            numbers: Numbers::Class,
            min_length: 1,
            ..AnalyzerSettings::default()
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Tokens and the gaps between them give the text back, and no letter or digit is lost in a gap.
    #[test]
    fn spans_cover_every_letter_in_order(text in any_text()) {
        let mut end = 0;
        let mut joined = String::new();
        let gap = |gap: &str| {
            prop_assert!(!gap.chars().any(char::is_alphanumeric), "{gap:?} is in no token");
            Ok(())
        };
        for token in tokenize(&text) {
            prop_assert!(end <= token.start && token.start < token.end, "{token:?} behind {end}");
            prop_assert!(token.end <= text.len());
            prop_assert!(text.is_char_boundary(token.start) && text.is_char_boundary(token.end));
            gap(&text[end..token.start])?;
            joined.push_str(&text[end..token.start]);
            joined.push_str(token.surface(&text));
            end = token.end;
        }
        gap(&text[end..])?;
        joined.push_str(&text[end..]);
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn composed_and_decomposed_texts_give_the_same_tokens(text in french_pieces()) {
        prop_assert_eq!(folded_tokens(&nfc(&text)), folded_tokens(&nfd(&text)));
    }

    #[test]
    fn folding_twice_is_folding_once(text in any_text()) {
        let (mut once, mut twice) = (String::new(), String::new());
        fold(&text, &mut once);
        fold(&once, &mut twice);
        prop_assert_eq!(once, twice);
    }

    /// `Â`, `â` and `Ë` are left out: before a sign they are what damage looks like, and no French word ends
    /// in them.
    #[test]
    fn sound_french_is_not_repaired(words in prop::collection::vec("[a-zA-ZàçéèêëîïôùûüÿœæÀÇÉÈÊÎÏÔÙÛÜŸŒÆ’'« ».,;!?0-9€-]{0,12}", 0..20)) {
        let text = words.join(" ");
        prop_assert_eq!(repair(&text), text.as_str());
    }

    /// Chunks that are looked up whole give what their tokens give one by one, in every zone.
    #[test]
    fn chunks_and_tokens_agree(text in any_text(), lead_words in 0..30u32) {
        let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
        let zones = Zones { title: 1, lead: 100, lead_words, rest: 1 };
        let (mut expected, mut words, mut folded) = (BTreeMap::new(), 0, String::new());
        for token in tokenize(&text).filter(|token| token.kind.is_lexical()) {
            let weight = if words < lead_words as usize { zones.lead } else { zones.rest };
            words += 1;
            if let Some(term) = analyzer.term(&text, &token, &mut folded) {
                *expected.entry(term).or_insert(0) += weight;
            }
        }
        let vectorizer = Vectorizer::new(analyzer, zones).unwrap();
        let mut scratch = Scratch::default();
        for round in ["new", "remembered"] {
            let counted = vectorizer.count("", &text, &mut scratch);
            let terms = scratch.lexicon.terms();
            let found: BTreeMap<String, u32> =
                counted.terms.iter().map(|&(n, c)| (terms[n as usize].to_string(), c)).collect();
            prop_assert_eq!(&found, &expected, "{}", round);
            prop_assert_eq!(counted.words.all, words, "{}", round);
        }
    }

    /// Terms do not depend on what a thread has met before.
    #[test]
    fn warm_and_cold_lexicons_agree(first in any_text(), second in any_text()) {
        for settings in settings() {
            let vectorizer = Vectorizer::new(Analyzer::new(settings).unwrap(), Zones::default()).unwrap();
            let named = |scratch: &mut Scratch| {
                let counted = vectorizer.count(&first, &second, scratch);
                let terms = scratch.lexicon.terms();
                let mut named: Vec<(String, u32)> =
                    counted.terms.iter().map(|&(n, c)| (terms[n as usize].to_string(), c)).collect();
                named.sort();
                (named, counted.words)
            };
            let mut warm = Scratch::default();
            vectorizer.count(&second, &first, &mut warm);
            prop_assert_eq!(named(&mut warm), named(&mut Scratch::default()));
        }
    }

    #[test]
    fn nothing_panics(text in any_text()) {
        for range in sentences(&text) {
            prop_assert!(!text[range].trim().is_empty());
        }
        language(&text);
        strip_accents(&text);
        let repaired = repair(&text);
        for settings in settings() {
            Analyzer::new(settings).unwrap().terms(&repaired);
        }
    }
}
