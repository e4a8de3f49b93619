//! Many articles, in parallel and in order.

use super::classifier::{Classified, Classifier, ClassifierScratch};
use super::stages::{Workers, in_order};
use crate::corpus::{Article, Batch};
use crate::error::Result;

/// A batch of articles in memory ends at so many bytes of text or so many articles: enough that most words are met again, little enough
/// that all threads get their share.
const BATCH_BYTES: usize = 512 << 10;
pub(super) const BATCH_ARTICLES: usize = 128;
/// Articles that one thread takes at a time, where they come one by one.
const FEW: usize = 64;

/// Gathers articles into batches.
pub fn read_batches(
    articles: impl Iterator<Item = Result<Article>>,
) -> impl Iterator<Item = Result<Vec<Article>>> {
    const LEAST: usize = BATCH_BYTES / BATCH_ARTICLES;
    bounded(articles, BATCH_BYTES, |article| article.text.len().max(LEAST))
}

/// Gathers articles into small batches, for [`classify_all`].
pub fn batches_of(
    articles: impl Iterator<Item = Result<Article>>,
) -> impl Iterator<Item = Result<Batch>> {
    let mut articles = articles.fuse();
    std::iter::from_fn(move || {
        let few: Vec<Result<Article>> = articles.by_ref().take(FEW).collect();
        (!few.is_empty()).then(|| Ok(Batch::from(few)))
    })
}

/// Classifies articles, in parallel and in order: `start` begins what becomes of a batch (which it may look at), `gather` adds each article with its result to
/// it, and `sink` gets one after the other in input order. The results are the same at any number of threads. These read `batches` and call
/// `sink` themselves, one at a time: neither may wait for other work of the same pool.
pub fn classify_all<R: Send>(
    classifier: &Classifier,
    batches: impl Iterator<Item = Result<Batch>> + Send,
    start: impl Fn(&Batch) -> R + Sync,
    gather: impl Fn(&mut R, &mut Article, Classified) + Sync,
    mut sink: impl FnMut(R) -> Result<()> + Send,
) -> Result<()> {
    let workers = Workers::<ClassifierScratch>::default();
    let classify = |scratch: &mut ClassifierScratch, batch: Batch| -> (R, Result<()>) {
        let mut results = start(&batch);
        let read = batch.try_for_each(|article| {
            let classified = classifier.classify_with(article, scratch);
            gather(&mut results, article, classified);
            Ok(())
        });
        (results, read)
    };
    in_order(batches, &workers, classify, |(results, read)| {
        // What was read before an error comes first.
        sink(results)?;
        read
    })
}

/// Gathers items until their sizes fill the room; what comes before an error is handed out first.
fn bounded<T>(
    items: impl Iterator<Item = Result<T>>,
    room: usize,
    size: impl Fn(&T) -> usize,
) -> impl Iterator<Item = Result<Vec<T>>> {
    let mut items = items.fuse();
    let mut failed = None;
    std::iter::from_fn(move || {
        if let Some(error) = failed.take() {
            return Some(Err(error));
        }
        let mut gathered = Vec::new();
        let mut filled = 0;
        while filled < room {
            match items.next() {
                Some(Ok(item)) => {
                    filled += size(&item);
                    gathered.push(item);
                }
                Some(Err(error)) if gathered.is_empty() => return Some(Err(error)),
                Some(Err(error)) => {
                    failed = Some(error);
                    break;
                }
                None => break,
            }
        }
        (!gathered.is_empty()).then_some(Ok(gathered))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn batches_are_bounded_and_lose_nothing() {
        let article = |bytes: usize| Ok(Article::new("", "x".repeat(bytes)));
        let sizes = |articles: Vec<Result<Article>>| -> Vec<Option<usize>> {
            let batches = read_batches(articles.into_iter());
            batches.map(|batch| batch.ok().map(|b| b.len())).collect()
        };
        assert_eq!(sizes(Vec::new()), []);
        let many = (0..BATCH_ARTICLES + 1).map(|_| article(1)).collect();
        assert_eq!(sizes(many), [Some(BATCH_ARTICLES), Some(1)]);
        let large = (0..3).map(|_| article(BATCH_BYTES / 2)).collect();
        assert_eq!(sizes(large), [Some(2), Some(1)]);
        // What was read before an error comes first.
        let broken = || Err(Error::data("x", "y"));
        assert_eq!(sizes(vec![article(1), article(1), broken()]), [Some(2), None]);
        assert_eq!(sizes(vec![broken()]), [None]);
    }

    #[test]
    fn what_comes_before_an_error_is_handed_out_first() {
        let items = (0..5).map(|n| if n == 4 { Err(Error::data("x", "y")) } else { Ok(n) });
        let gathered: Vec<Option<Vec<i32>>> = bounded(items, 3, |_| 1).map(Result::ok).collect();
        assert_eq!(gathered, [Some(vec![0, 1, 2]), Some(vec![3]), None]);
    }
}
