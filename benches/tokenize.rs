//! How fast French text becomes tokens, and tokens term numbers, on one thread; beside it the two
//! general tokenizers one would take instead.
//!
//! Every bench asserts its answer: a tokenizer that finds other tokens is no faster.

use std::hint::black_box;
use std::path::Path;

use charabia::Tokenize;
use criterion::{Criterion, Throughput};
use rubrique::Article;
use rubrique::corpus::{ReadOptions, Reader};
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::text::{Analyzer, AnalyzerSettings, tokenize};
use unicode_segmentation::UnicodeSegmentation;

/// Real press text where it is at hand, else the project's own corpus.
const TEXTS: [&str; 2] = ["../shared/data/press-fr/labelled.csv", "data/corpus.csv"];

/// The other tokenizers see this much of the text: they would need minutes for all of it.
const SAMPLE: usize = 1 << 20;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = TEXTS.iter().map(|t| root.join(t)).find(|path| path.exists()).expect("a corpus");
    println!("text: {}", path.display());
    let rows = Reader::open(&[path], &ReadOptions::default()).unwrap();
    let articles: Vec<Article> = rows.map(Result::unwrap).collect();
    let plain: String = articles.iter().map(|a| format!("{}\n{}\n", a.title, a.text)).collect();
    let typographic = plain.replace('\'', "\u{2019}");
    let mut criterion = Criterion::default().configure_from_args();
    scan(&mut criterion, "scan", &plain);
    scan(&mut criterion, "scan, U+2019 apostrophes", &typographic);
    terms(&mut criterion, "term numbers", &articles);
    let printed = |text: &String| text.replace('\'', "\u{2019}");
    let printed: Vec<Article> =
        articles.iter().map(|a| Article::new(printed(&a.title), printed(&a.text))).collect();
    terms(&mut criterion, "term numbers, U+2019 apostrophes", &printed);
    let end = (0..=SAMPLE.min(plain.len())).rev().find(|&end| plain.is_char_boundary(end));
    let sample = &plain[..end.unwrap_or(0)];
    others(&mut criterion, sample);
    criterion.final_summary();
}

/// Text to surface tokens.
fn scan(criterion: &mut Criterion, name: &str, text: &str) {
    let tokens = tokenize(text).count();
    let visible = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).count();
    let found: usize = tokenize(text).map(|token| visible(token.surface(text))).sum();
    assert_eq!(found, visible(text), "every letter and digit is in a token");
    println!("{name}: {} bytes, {tokens} tokens", text.len());
    let mut group = criterion.benchmark_group("tokenize");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(name, |b| {
        b.iter(|| assert_eq!(tokenize(black_box(text)).count(), tokens));
    });
    group.finish();
}

/// Articles to counted term numbers, the words' terms being known after the first round.
fn terms(criterion: &mut Criterion, name: &str, articles: &[Article]) {
    let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
    let expected: usize = articles
        .iter()
        .map(|a| analyzer.terms(&a.title).len() + analyzer.terms(&a.text).len())
        .sum();
    let vectorizer = Vectorizer::new(analyzer, Zones::FLAT).unwrap();
    let mut scratch = Scratch::default();
    let round = |scratch: &mut Scratch| -> usize {
        let count = |article: &Article| -> usize {
            let counted = vectorizer.count(&article.title, &article.text, scratch);
            counted.terms.iter().map(|&(_, count)| count as usize).sum()
        };
        articles.iter().map(count).sum()
    };
    assert_eq!(round(&mut scratch), expected, "every term is counted");
    println!("terms: {expected}, forms: {}", scratch.lexicon.len());
    let bytes: usize = articles.iter().map(|a| a.title.len() + a.text.len()).sum();
    let mut group = criterion.benchmark_group("tokenize");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(name, |b| b.iter(|| assert_eq!(black_box(round(&mut scratch)), expected)));
    group.finish();
}

/// The same text through general tokenizers.
fn others(criterion: &mut Criterion, text: &str) {
    let words = text.unicode_words().count();
    let charabia = text.tokenize().filter(|token| token.is_word()).count();
    let ours = tokenize(text).count();
    println!("sample: {} bytes, {ours} tokens, {words} and {charabia} words", text.len());
    let mut group = criterion.benchmark_group("tokenize sample");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.sample_size(20);
    group.bench_function("rubrique", |b| {
        b.iter(|| assert_eq!(tokenize(black_box(text)).count(), ours));
    });
    group.bench_function("unicode-segmentation", |b| {
        b.iter(|| assert_eq!(black_box(text).unicode_words().count(), words));
    });
    group.bench_function("charabia", |b| {
        b.iter(|| {
            let words = black_box(text).tokenize().filter(|token| token.is_word()).count();
            assert_eq!(words, charabia);
        });
    });
    group.finish();
}
