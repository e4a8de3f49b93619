//! Furniture that no wording gives away: the same line on page after page of one source.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;
use hashbrown::{HashMap, HashSet};

use super::super::article::Article;
use super::cues::plain;
use crate::error::Result;

/// A line is repeated where at least so many pages have it …
const LEAST_PAGES: u32 = 5;
/// … and at least one in so many of the source's pages.
const ONE_IN: u32 = 4;
/// Paragraphs of two agencies' copies may be alike; furniture is no paragraph.
const LONGEST: usize = 400;

/// The lines that come again and again on the pages of one source.
///
/// Add every page, then [`settle`](Self::settle); what [`holds`](Self::holds) then says does not depend on the order of the pages.
///
/// ```
/// use rubrique::corpus::{Page, RepeatedLines};
/// let pages = ["du port", "du lac", "des halles", "du fort", "des prés"]
///     .map(|name| format!("Le conseil {name} a voté.\nLe lac dans votre poche chaque matin"));
/// let mut repeated = RepeatedLines::default();
/// pages.iter().for_each(|page| repeated.add(page));
/// repeated.settle();
/// let page = Page::segment_among("Un titre", &pages[0], Some(&repeated));
/// assert_eq!(page.body, "Le conseil du port a voté.");
/// ```
#[derive(Clone, Debug, Default)]
pub struct RepeatedLines {
    pages: u32,
    counts: HashMap<u64, u32, FixedState>,
    repeated: HashSet<u64, FixedState>,
}

impl RepeatedLines {
    /// Counts the lines of one page, each once.
    pub fn add(&mut self, text: &str) {
        self.pages += 1;
        let lines: HashSet<u64, FixedState> = text.lines().filter_map(key).collect();
        for line in lines {
            *self.counts.entry(line).or_insert(0) += 1;
        }
    }

    /// Decides which lines are repeated, and forgets the others.
    pub fn settle(&mut self) {
        let pages = self.pages;
        let is_repeated = |count: u32| count >= LEAST_PAGES && count * ONE_IN >= pages;
        let counts = std::mem::take(&mut self.counts);
        self.repeated =
            counts.into_iter().filter(|&(_, n)| is_repeated(n)).map(|(k, _)| k).collect();
    }

    /// Whether a line is one of them.
    pub fn holds(&self, line: &str) -> bool {
        !self.repeated.is_empty() && key(line).is_some_and(|key| self.repeated.contains(&key))
    }
}

/// The repeated lines of each source of a batch: its articles' own source, or else the folder that they lie in.
#[derive(Clone, Debug, Default)]
pub struct RepeatedBySource(HashMap<String, RepeatedLines, FixedState>);

impl RepeatedBySource {
    /// Reads a whole batch to find them.
    pub fn find(articles: impl Iterator<Item = Result<Article>>) -> Result<Self> {
        let mut sources = Self::default();
        for article in articles {
            let article = article?;
            sources.0.entry(source(&article)).or_default().add(&article.text);
        }
        sources.0.values_mut().for_each(RepeatedLines::settle);
        Ok(sources)
    }

    /// Those of an article's source.
    pub fn of(&self, article: &Article) -> Option<&RepeatedLines> {
        self.0.get(&source(article))
    }

    /// Takes them out of an article.
    pub(in crate::corpus) fn leave_out(&self, article: &mut Article) {
        if self.0.is_empty() {
            return;
        }
        if let Some(repeated) = self.of(article)
            && article.text.lines().any(|line| repeated.holds(line))
        {
            let kept: Vec<&str> =
                article.text.lines().filter(|line| !repeated.holds(line)).collect();
            article.text = kept.join("\n");
        }
    }
}

fn source(article: &Article) -> String {
    let folder = || article.place.file.parent().map(|folder| folder.display().to_string());
    article.source.clone().or_else(folder).unwrap_or_default()
}

/// What stands for a line: numbers aside, so that « 12 partages » and « 7 partages » are the same.
fn key(line: &str) -> Option<u64> {
    let line = line.trim();
    if line.is_empty() || line.len() > LONGEST {
        return None;
    }
    let plain: String = plain(line).chars().filter(|c| !c.is_ascii_digit()).collect();
    plain.contains(char::is_alphabetic).then(|| FixedState::default().hash_one(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_few_pages_is_not_repeated() {
        let mut lines = RepeatedLines::default();
        for page in 0..40 {
            let own = format!("La page {} parle d’elle-même", (b'a' + page as u8 % 26) as char);
            let menu = if page % 2 == 0 { "Le lac en 3 minutes" } else { "" };
            let rare = if page < 5 { "Le ministre a dit oui." } else { "" };
            lines.add(&format!("{own}\n{menu}\n{menu}\n{rare}"));
        }
        lines.settle();
        assert!(lines.holds("Le lac en 7 minutes"));
        assert!(!lines.holds("Le ministre a dit oui."), "in five pages, but in one of eight");
        assert!(!lines.holds("La page a parle d’elle-même"));
        assert!(!lines.holds("2016"));
    }
}
