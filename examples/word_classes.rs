//! Derives word classes from articles without labels: stems that keep the same company get the same class, six times
//! over, from 32 broad classes to 1,024 narrow ones.
//!
//! ```sh
//! cargo run --release --example word_classes -- ../shared/data/press-fr/unlabelled.jsonl.gz models/word-classes.tsv.zst
//! ```
//!
//! The output, compressed with zstd, has a line for each term, sorted by term: the term and its class in each of the
//! six clusterings, separated by tabs.
//!
//! Terms that stand near each other are counted, the counts are weighted by positive pointwise mutual information with
//! a smoothed context distribution (Levy, Goldberg and Dagan 2015, "Improving distributional similarity with lessons
//! learned from word embeddings", TACL 3), the matrix is reduced by randomised subspace iteration (Halko, Martinsson
//! and Tropp 2011, "Finding structure with randomness", SIAM Review 53, algorithm 4.4), and the terms' directions are
//! clustered by k-means.
//!
//! The same articles give the same bytes on one kind of machine, whatever the number of threads: seeds are fixed, and
//! every sum is taken by one thread in one order.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::{KMeans, KMeansInit};
use linfa_linalg::qr::QR;
use ndarray::{Array1, Array2, Axis, Zip};
use ndarray_rand::RandomExt;
use ndarray_rand::rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use rubrique::Article;
use rubrique::corpus::{ReadOptions, Reader};
use rubrique::text::{Analyzer, AnalyzerSettings};

/// Rarer terms have too little company to be judged by.
const MIN_COUNT: usize = 5;
/// How far apart two terms of an article may stand to be neighbours, in terms.
const WINDOW: usize = 20;
/// Pairs that are neighbours less often are taken for chance.
const MIN_PAIRS: u32 = 3;
/// The exponent that makes rare contexts less rare.
const SMOOTHING: f32 = 0.75;
/// Dimensions of the terms' vectors: 100 that are wanted and 10 that make the approximation better.
const DIMENSIONS: usize = 110;
const SUBSPACE_ITERATIONS: usize = 3;
const CLUSTERINGS: [usize; 6] = [32, 64, 128, 256, 512, 1024];
const MAX_ITERATIONS: u64 = 30;
const SEED: u64 = 1;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = &arguments[..] else {
        return Err("usage: word_classes ARTICLES OUTPUT.tsv.zst".into());
    };
    let texts = terms_of_articles(input)?;
    let vocabulary = vocabulary(&texts);
    eprintln!("{} articles, {} terms", texts.len(), vocabulary.len());

    let vectors = directions(&weights(&neighbours(&texts, &vocabulary)));
    let clusterings = CLUSTERINGS.map(|k| {
        eprintln!("{k} classes");
        classes(&vectors, k)
    });

    let lines = table(&vocabulary, &vectors, &clusterings);
    std::fs::write(output, zstd::encode_all(lines.as_bytes(), 19)?)?;
    Ok(())
}

/// Every article's terms, in their order.
fn terms_of_articles(path: &str) -> rubrique::Result<Vec<Vec<String>>> {
    let analyzer = Analyzer::new(AnalyzerSettings::default())?;
    let reader = Reader::open(&[path.into()], &ReadOptions::default())?;
    let articles: Vec<Article> = reader.collect::<Result<_, _>>()?;
    let terms = |a: &Article| analyzer.terms(&format!("{}\n{}", a.title, a.text));
    Ok(articles.par_iter().map(terms).collect())
}

/// The words worth a class, the most frequent first.
fn vocabulary(texts: &[Vec<String>]) -> Vec<&str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for term in texts.iter().flatten().filter(|term| is_word(term)) {
        *counts.entry(term).or_default() += 1;
    }
    counts.retain(|_, count| *count >= MIN_COUNT);
    let mut terms: Vec<&str> = counts.keys().copied().collect();
    terms.sort_unstable_by_key(|term| (Reverse(counts[term]), *term));
    terms
}

/// Whether a term is a word, and not a glued-on number or a run of several words.
fn is_word(term: &str) -> bool {
    term.starts_with(char::is_alphabetic)
        && term.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && term.chars().count() <= 30
}

/// A sparse matrix: the entries of each row by rising column.
type Rows<T> = Vec<Vec<(u32, T)>>;

/// How often each two terms are neighbours.
fn neighbours(texts: &[Vec<String>], vocabulary: &[&str]) -> Rows<u32> {
    let numbers: HashMap<&str, u32> = vocabulary.iter().copied().zip(0..).collect();
    // All articles in one line, so far apart that no window reaches from one into the next.
    let mut line: Vec<Option<u32>> = vec![None; WINDOW];
    for text in texts {
        line.extend(text.iter().map(|term| numbers.get(term.as_str()).copied()));
        line.extend([None; WINDOW]);
    }
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); vocabulary.len()];
    for (place, number) in line.iter().enumerate() {
        if let Some(number) = number {
            places[*number as usize].push(place);
        }
    }
    let row = |counts: &mut Vec<u32>, places: &Vec<usize>| {
        counts.fill(0);
        for &place in places {
            let (before, after) = (&line[place - WINDOW..place], &line[place + 1..][..WINDOW]);
            for &number in before.iter().chain(after).flatten() {
                counts[number as usize] += 1;
            }
        }
        let numbered = (0..).zip(counts.iter().copied());
        numbered.filter(|&(_, count)| count >= MIN_PAIRS).collect()
    };
    places.par_iter().map_init(|| vec![0; vocabulary.len()], row).collect()
}

/// How much more often than by chance they are neighbours: the positive logarithms.
fn weights(counts: &Rows<u32>) -> Rows<f32> {
    let sum = |row: &Vec<(u32, u32)>| row.iter().map(|&(_, count)| count).sum::<u32>() as f32;
    let sums: Vec<f32> = counts.iter().map(sum).collect();
    let smoothed: Vec<f32> = sums.iter().map(|sum| sum.powf(SMOOTHING)).collect();
    let total: f32 = smoothed.iter().sum();
    let weigh = |(row, sum): (&Vec<(u32, u32)>, &f32)| {
        let information = |&(column, count): &(u32, u32)| {
            let expected = sum * smoothed[column as usize] / total;
            (column, (count as f32 / expected).ln())
        };
        row.iter().map(information).filter(|&(_, weight)| weight > 0.0).collect()
    };
    counts.iter().zip(&sums).map(weigh).collect()
}

/// The terms' vectors in few dimensions, all of length 1.
fn directions(matrix: &Rows<f32>) -> Array2<f32> {
    let transposed = transpose(matrix);
    let mut rng = Xoshiro256Plus::seed_from_u64(SEED);
    let random = Array2::random_using((matrix.len(), DIMENSIONS), StandardNormal, &mut rng);
    let mut basis = orthonormal(&product(&transposed, &random));
    for _ in 0..SUBSPACE_ITERATIONS {
        let image = orthonormal(&product(matrix, &basis));
        basis = orthonormal(&product(&transposed, &image));
    }
    let mut vectors = product(matrix, &basis);
    for mut vector in vectors.axis_iter_mut(Axis(0)) {
        let length = vector.dot(&vector).sqrt();
        if length > 0.0 {
            vector /= length;
        }
    }
    vectors
}

fn transpose(matrix: &Rows<f32>) -> Rows<f32> {
    let mut transposed = vec![Vec::new(); matrix.len()];
    for (number, row) in (0..).zip(matrix) {
        for &(column, value) in row {
            transposed[column as usize].push((number, value));
        }
    }
    transposed
}

fn product(sparse: &Rows<f32>, dense: &Array2<f32>) -> Array2<f32> {
    let mut product = Array2::zeros((sparse.len(), dense.ncols()));
    Zip::from(product.rows_mut()).and(sparse).par_for_each(|mut sum, row| {
        for &(column, value) in row {
            sum.scaled_add(value, &dense.row(column as usize));
        }
    });
    product
}

/// An orthonormal basis of what the columns span.
fn orthonormal(columns: &Array2<f32>) -> Array2<f32> {
    columns.qr().expect("more terms than dimensions").generate_q()
}

/// The class of each vector, of `k`. Centres start at random vectors: k-means++ gives classes that are no better, and
/// linfa's needs time by the square of `k`.
fn classes(vectors: &Array2<f32>, k: usize) -> Array1<usize> {
    let vectors = DatasetBase::from(vectors.view());
    KMeans::params_with_rng(k, Xoshiro256Plus::seed_from_u64(SEED))
        .init_method(KMeansInit::Random)
        .n_runs(1)
        .max_n_iterations(MAX_ITERATIONS)
        .fit(&vectors)
        .expect("finite vectors")
        .predict(vectors.records())
}

/// The output's lines. A term that is nobody's neighbour has no direction, and so no class and no line.
fn table(vocabulary: &[&str], vectors: &Array2<f32>, clusterings: &[Array1<usize>]) -> String {
    let mut sorted: Vec<(&str, usize)> = vocabulary.iter().copied().zip(0..).collect();
    sorted.retain(|&(_, number)| vectors.row(number).iter().any(|&value| value != 0.0));
    sorted.sort_unstable();
    let mut lines = String::new();
    for (term, number) in sorted {
        lines += term;
        for classes in clusterings {
            write!(lines, "\t{}", classes[number]).expect("memory");
        }
        lines.push('\n');
    }
    lines
}
