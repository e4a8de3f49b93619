//! Many articles, in parallel and in order.

use rayon::prelude::*;

use super::classifier::{Classified, Classifier, ClassifierScratch};
use super::stages::{Workers, in_order};
use crate::corpus::Article;
use crate::error::Result;

/// A batch ends at so many bytes of text or so many articles: enough to keep all threads busy, little enough to
/// keep memory small.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_ARTICLES: usize = 2048;
/// Articles that one thread takes at a time.
const CHUNK: usize = 64;

/// Gathers articles into batches.
pub fn read_batches(
    articles: impl Iterator<Item = Result<Article>>,
) -> impl Iterator<Item = Result<Vec<Article>>> {
    let mut articles = articles.fuse();
    let mut failed = None;
    std::iter::from_fn(move || {
        if let Some(error) = failed.take() {
            return Some(Err(error));
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        while bytes < BATCH_BYTES && batch.len() < BATCH_ARTICLES {
            match articles.next() {
                Some(Ok(article)) => {
                    bytes += article.text.len();
                    batch.push(article);
                }
                Some(Err(error)) if batch.is_empty() => return Some(Err(error)),
                // What was read before the error is still good.
                Some(Err(error)) => {
                    failed = Some(error);
                    break;
                }
                None => break,
            }
        }
        (!batch.is_empty()).then_some(Ok(batch))
    })
}

/// Classifies a stream of articles: `sink` gets every article with its result, in input order, batch by
/// batch. The results are the same at any number of threads.
pub fn classify_all<B: Send>(
    classifier: &Classifier,
    articles: impl Iterator<Item = Result<Article>> + Send,
    row: impl Fn(&Article, Classified) -> B + Sync,
    sink: impl FnMut(Vec<(Article, B)>) -> Result<()> + Send,
) -> Result<()> {
    let workers = Workers::<ClassifierScratch>::default();
    in_order(
        read_batches(articles),
        |mut batch: Vec<Article>| -> Vec<(Article, B)> {
            let results: Vec<Vec<B>> = batch
                .par_chunks(CHUNK)
                .map(|chunk| {
                    workers.with(|scratch| {
                        chunk
                            .iter()
                            .map(|article| row(article, classifier.classify_with(article, scratch)))
                            .collect()
                    })
                })
                .collect();
            batch.drain(..).zip(results.into_iter().flatten()).collect()
        },
        sink,
    )
}
