//! The floors above the tokenizer, on this project's own corpus: vectorize, train, classify. Every bench asserts its answer.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rubrique::corpus::{Article, ReadOptions, Reader};
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::pipeline::{
    Classifier, ClassifierScratch, TrainSettings, batches_of, classify_all, count_loaded, train,
};
use rubrique::text::{Analyzer, AnalyzerSettings};
use std::hint::black_box;

fn articles() -> Vec<Article> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/corpus.csv");
    let reader = Reader::open(&[path.into()], &ReadOptions::default()).expect("the corpus");
    reader.collect::<Result<_, _>>().expect("readable articles")
}

fn bytes(articles: &[Article]) -> Throughput {
    Throughput::Bytes(articles.iter().map(|a| (a.title.len() + a.text.len()) as u64).sum())
}

fn vectorize(c: &mut Criterion) {
    let articles = articles();
    let analyzer = Analyzer::new(AnalyzerSettings::default()).expect("sound settings");
    let vectorizer = Vectorizer::new(analyzer, Zones::default()).expect("sound zones");
    let mut scratch = Scratch::default();
    let mut count = || -> usize {
        articles.iter().map(|a| vectorizer.count(&a.title, &a.text, &mut scratch).terms.len()).sum()
    };
    let expected = count();
    assert!(expected > 50 * articles.len(), "{expected} distinct terms by article");
    let mut group = c.benchmark_group("vectorize");
    group.throughput(bytes(&articles));
    group.bench_function("counts", |b| b.iter(|| assert_eq!(count(), expected)));
    group.finish();
}

fn training(c: &mut Criterion) {
    let articles = articles();
    let mut group = c.benchmark_group("train");
    group.sample_size(10);
    group.throughput(bytes(&articles));
    for (name, refine) in [("plain", false), ("refined", true)] {
        let settings =
            TrainSettings { tune: false, refine: Some(refine), ..TrainSettings::default() };
        group.bench_function(name, |b| {
            b.iter(|| {
                let corpus = count_loaded(&articles, &settings.analyzer, settings.zones);
                let classifier = train(corpus.expect("counts"), &settings).expect("a model");
                assert!(classifier.card().micro_f1.is_some_and(|f1| f1 > 0.7));
            });
        });
    }
    group.finish();
}

fn classify(c: &mut Criterion) {
    let articles = articles();
    let classifier = Classifier::press().expect("the press model");
    let mut group = c.benchmark_group("classify");
    group.throughput(bytes(&articles));
    let mut scratch = ClassifierScratch::default();
    group.bench_function("one thread", |b| {
        b.iter(|| {
            let given: usize = articles
                .iter()
                .map(|a| classifier.topics(&classifier.classify_with(a, &mut scratch)).len())
                .sum();
            assert!(given > articles.len() / 3, "{given} topics given");
        });
    });
    group.bench_function("all threads, in order", |b| {
        b.iter(|| {
            let mut seen = 0;
            let batches = batches_of(articles.iter().cloned().map(Ok));
            let count = |count: &mut usize, _: &mut Article, _| *count += 1;
            classify_all(
                &classifier,
                batches,
                |_| 0,
                count,
                |batch| {
                    seen += batch;
                    Ok(())
                },
            )
            .expect("a run");
            assert_eq!(black_box(seen), articles.len());
        });
    });
    group.bench_function("load the model", |b| {
        b.iter(|| assert_eq!(Classifier::press().expect("the press model").labels().len(), 3));
    });
    group.finish();
}

criterion_group!(benches, vectorize, training, classify);
criterion_main!(benches);
