//! Labels that a person has corrected, joined to the articles they are about.

use hashbrown::HashMap;

use super::article::Article;
use super::labels::LabelSet;

/// What a file with corrections has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Review {
    /// Where its column `corrected_labels` is.
    pub corrected: usize,
    /// Whether there are ids; without, its rows are articles that nothing joins.
    pub has_ids: bool,
    /// Whether there are texts; without, its rows are no articles.
    pub has_texts: bool,
}

/// The rows of files with a column `corrected_labels`: what `evaluate` and `audit` write and a person has filled in, or a list of ids with
/// labels. Files that have passed through a spreadsheet keep their ids, but long texts are cut (Excel at 32,767 characters):
/// so a row that is about an article of another input gives it its labels and nothing else.
#[derive(Debug, Default)]
pub(super) struct Corrections {
    rows: Vec<Row>,
    /// Rows by id, in their order.
    by_id: HashMap<String, Vec<usize>, foldhash::fast::FixedState>,
    /// How many rows were looked at for [`next_unjoined`](Self::next_unjoined).
    passed: usize,
}

#[derive(Debug)]
struct Row {
    article: Article,
    /// Letters and digits of the title, which spreadsheets leave alone.
    title: String,
    /// Whether it names corrected labels.
    is_correction: bool,
    /// Whether it can be an article by itself.
    is_article: bool,
    /// Whether an article of another input, or an earlier row, is the one it is about.
    is_joined: bool,
    /// Whether an article of its id has another title.
    is_other_title: bool,
}

impl Corrections {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row.
    pub(super) fn add(&mut self, article: Article, is_correction: bool, review: Review) {
        if review.has_ids && article.problem.is_none() {
            self.by_id.entry(article.id.clone()).or_default().push(self.rows.len());
        }
        let is_blank = article.title.trim().is_empty() && article.text.trim().is_empty();
        self.rows.push(Row {
            title: essence(&article.title),
            is_article: review.has_texts && !(is_correction && is_blank),
            article,
            is_correction,
            is_joined: false,
            is_other_title: false,
        });
    }

    /// Gives an article of another input the labels of the last row that corrects it.
    pub(super) fn apply(&mut self, article: &mut Article) {
        let Some(rows) = self.by_id.get(&article.id).filter(|_| article.problem.is_none()) else {
            return;
        };
        let title = essence(&article.title);
        for &at in rows {
            let row = &mut self.rows[at];
            if !is_same(&title, &row.title) {
                row.is_other_title = true;
                continue;
            }
            row.is_joined = true;
            if row.is_correction {
                article.labels.clone_from(&row.article.labels);
            }
        }
    }

    /// Once all other inputs are read: the next row that is about none of their articles. It is an article of its own; a
    /// correction that has no text is one with a problem.
    pub(super) fn next_unjoined(&mut self) -> Option<Article> {
        while self.passed < self.rows.len() {
            let at = self.passed;
            self.passed += 1;
            let row = &self.rows[at];
            let asks_nothing =
                !row.is_article && !row.is_correction && row.article.problem.is_none();
            if row.is_joined || asks_nothing {
                continue;
            }
            let labels = if row.is_article { self.later_labels(at) } else { None };
            let row = &mut self.rows[at];
            let mut article = std::mem::take(&mut row.article);
            if labels.is_some() {
                article.labels = labels;
            }
            if !row.is_article && article.problem.is_none() {
                let why = if row.is_other_title {
                    "whose article has another title"
                } else {
                    "which no input has"
                };
                article.problem =
                    Some(format!("corrects the labels of the id \"{}\", {why}", article.id));
            }
            return Some(article);
        }
        None
    }

    /// The labels that the last later row of the same article gives it; these rows are joined to it.
    fn later_labels(&mut self, at: usize) -> Option<LabelSet> {
        let (id, title) = (&self.rows[at].article.id, self.rows[at].title.clone());
        let rows = self.by_id.get(id)?.clone();
        let mut labels = None;
        for later in rows.into_iter().filter(|&later| later > at) {
            let row = &mut self.rows[later];
            if row.is_correction && is_same(&title, &row.title) {
                row.is_joined = true;
                labels.clone_from(&row.article.labels);
            }
        }
        labels
    }
}

/// A title that is missing on one side says nothing.
fn is_same(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

fn essence(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
