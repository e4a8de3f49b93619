//! Articles that were read together.

use std::sync::Arc;

#[cfg(feature = "arrow")]
use super::arrow_table::ArrowRows;
use super::article::Article;
use super::csv::CsvRows;
use super::page::RepeatedBySource;
use crate::error::{Error, Result};

/// Articles of one input that were read together. Rows of tables are taken apart only when somebody asks for them, so that
/// many threads may share that work.
///
/// ```
/// use rubrique::corpus::{Article, Batch};
/// let batch = Batch::from(vec![Ok(Article::new("Un accord", "Les deux pays ont signé."))]);
/// batch.try_for_each(|article| Ok(assert_eq!(article.title, "Un accord")))?;
/// # Ok::<(), rubrique::Error>(())
/// ```
pub struct Batch {
    pub(super) rows: Rows,
    /// What the reader makes of them; `None` where it is done.
    pub(super) arrangement: Option<Arc<Arrangement>>,
}

/// What a batch is made of.
pub(super) enum Rows {
    Csv(CsvRows),
    #[cfg(feature = "arrow")]
    Arrow(ArrowRows),
    /// Read one by one; an error stands behind the articles that were read before it.
    Articles(Vec<Result<Article>>),
}

/// Articles that are read one by one and make a batch.
pub(super) const FEW: usize = 64;

impl From<Vec<Result<Article>>> for Batch {
    fn from(articles: Vec<Result<Article>>) -> Self {
        Self { rows: Rows::Articles(articles), arrangement: None }
    }
}

impl Batch {
    /// Hands out the articles in their order, until `each` fails, or reading did; where it is strict, a row that is broken or had to be
    /// mended is a failure.
    /// The same memory may be used for the next article, unless `each` takes it.
    pub fn try_for_each(self, mut each: impl FnMut(&mut Article) -> Result<()>) -> Result<()> {
        let arrangement = self.arrangement;
        self.rows.try_for_each(|article| {
            if let Some(arrangement) = &arrangement {
                arrangement.check(article)?;
                arrangement.arrange(article);
            }
            each(article)
        })
    }

    /// Leaves out its first articles, at most so many, without looking at them; says how many that was.
    pub fn leave_out(&mut self, most: u64) -> u64 {
        match &mut self.rows {
            Rows::Csv(rows) => rows.leave_out(most),
            #[cfg(feature = "arrow")]
            Rows::Arrow(rows) => rows.leave_out(most),
            Rows::Articles(articles) => {
                let read = articles.iter().take_while(|article| article.is_ok()).count();
                let left_out = usize::try_from(most).map_or(read, |most| read.min(most));
                articles.drain(..left_out);
                left_out as u64
            }
        }
    }

    /// Whether it holds nothing, not even an error.
    pub fn is_empty(&self) -> bool {
        match &self.rows {
            Rows::Csv(rows) => rows.is_empty(),
            #[cfg(feature = "arrow")]
            Rows::Arrow(rows) => rows.is_empty(),
            Rows::Articles(articles) => articles.is_empty(),
        }
    }

    /// Its columns as they were read from Parquet or Arrow, in the order of [`Reader::columns`](super::Reader::columns), `None` where the input has no such
    /// column; nothing at all of other inputs.
    #[cfg(feature = "arrow")]
    pub fn arrow_columns(&self) -> Option<Vec<Option<arrow_array::ArrayRef>>> {
        let Rows::Arrow(rows) = &self.rows else { return None };
        let own = rows.columns().iter().cloned();
        let Some(Arrangement { places: Some(places), width, .. }) = self.arrangement.as_deref()
        else {
            return Some(own.map(Some).collect());
        };
        let mut columns = vec![None; *width];
        for (column, &place) in own.zip(places) {
            columns[place] = Some(column);
        }
        Some(columns)
    }

    /// The articles, and the error that ends them if one does.
    pub(super) fn into_articles(self) -> Vec<Result<Article>> {
        let mut articles = Vec::new();
        let read = self.try_for_each(|article| {
            articles.push(Ok(std::mem::take(article)));
            Ok(())
        });
        articles.extend(read.err().map(Err));
        articles
    }
}

impl Rows {
    pub(super) fn try_for_each(
        self,
        mut each: impl FnMut(&mut Article) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Csv(rows) => rows.try_for_each(each),
            #[cfg(feature = "arrow")]
            Self::Arrow(rows) => rows.try_for_each(each),
            Self::Articles(articles) => {
                articles.into_iter().try_for_each(|article| each(&mut article?))
            }
        }
    }
}

/// What a reader makes of the articles of one source.
#[derive(Debug, Default)]
pub(super) struct Arrangement {
    /// Where each cell goes among the reader's columns; `None` where all stand in their place.
    pub places: Option<Vec<usize>>,
    /// How many columns the reader has.
    pub width: usize,
    /// Whether nothing may be wrong with a row.
    pub strict: bool,
    /// Lines that are left out of the texts.
    pub repeated: Arc<RepeatedBySource>,
}

impl Arrangement {
    /// What is wrong with an article where nothing may be.
    fn check(&self, article: &Article) -> Result<()> {
        match article.problem.as_ref().or(article.mended.as_ref()) {
            Some(what) if self.strict => Err(Error::input(
                article.place.clone(),
                what,
                "without --strict, the others are read all the same",
            )),
            _ => Ok(()),
        }
    }

    /// Puts the cells where the reader's columns want them, and takes repeated lines out of the text.
    pub(super) fn arrange(&self, article: &mut Article) {
        self.repeated.leave_out(article);
        let Some(places) = &self.places else { return };
        let mut cells = vec![String::new(); self.width];
        for (cell, &place) in std::mem::take(&mut article.cells).into_iter().zip(places) {
            cells[place] = cell;
        }
        article.cells = cells;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ReadOptions, Reader};
    use super::*;

    #[test]
    fn articles_before_an_error_are_handed_out() {
        let batch = Batch::from(vec![
            Ok(Article::new("un", "")),
            Err(Error::data("broken", "another")),
            Ok(Article::new("deux", "")),
        ]);
        let titles: Vec<Option<String>> =
            batch.into_articles().into_iter().map(|a| a.ok().map(|a| a.title)).collect();
        assert_eq!(titles, [Some("un".to_owned()), None]);
    }

    #[test]
    fn what_is_left_out_is_what_comes_first() {
        let articles = || vec![Ok(Article::new("un", "")), Err(Error::data("broken", "another"))];
        let mut batch = Batch::from(articles());
        assert_eq!(batch.leave_out(5), 1);
        assert!(!batch.is_empty() && batch.into_articles()[0].is_err());

        let open = || Reader::open(&["data/articles.csv".into()], &ReadOptions::default()).unwrap();
        let all: Vec<Article> = open().map(Result::unwrap).collect();
        for count in [0, 1, 29, 30, 31] {
            let mut batch = open().into_batches().next().unwrap().unwrap();
            // In two steps, as any other number of them.
            let left_out = batch.leave_out(count / 2) + batch.leave_out(count - count / 2);
            assert_eq!(left_out, count.min(30));
            assert_eq!(batch.is_empty(), count >= 30);
            let rest: Vec<Article> =
                batch.into_articles().into_iter().map(Result::unwrap).collect();
            assert_eq!(rest, all[left_out as usize..]);
        }
    }

    /// One by one, in batches, or begun one by one and ended in batches: the articles are the same.
    #[test]
    fn batches_hold_what_the_reader_hands_out() {
        let open = || Reader::open(&["data/articles.csv".into()], &ReadOptions::default()).unwrap();
        let all: Vec<Article> = open().map(Result::unwrap).collect();
        for begun in [0, 1, 7] {
            let mut reader = open();
            let mut read: Vec<Article> = reader.by_ref().take(begun).map(Result::unwrap).collect();
            for batch in reader.into_batches() {
                read.extend(batch.unwrap().into_articles().into_iter().map(Result::unwrap));
            }
            assert_eq!(read, all, "{begun} one by one");
        }
    }
}
