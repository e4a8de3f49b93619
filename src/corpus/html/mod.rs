//! HTML pages: the article's own text, and what the page says of it.
//!
//! A page is read into blocks (`blocks`: paragraphs, headings, list items, and the elements they stand in). Elements are
//! furniture by their kind and by the names that sites give them (`names`), or because they are made of links; what holds
//! most of the page's text is not, whatever it is called. Among the rest, `content` chooses where the article stands. Title,
//! date, author and section come from JSON-LD, Open Graph and the like (`metadata`). What is left is text as it
//! stands on flattened pages, and [`Page`](super::Page) goes over it with the wording of French-language sites. Pages that
//! would cost too much to read as a tree are read as a stream (`limits`).

mod blocks;
mod content;
mod limits;
mod metadata;
mod names;

use super::article::{Article, Extracted};
use super::page::{Dropped, Reason};
use crate::text::repair;

/// What was read from an HTML page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HtmlPage {
    /// The title.
    pub title: String,
    /// The day it appeared, as `2016-04-23`.
    pub date: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The section of the site.
    pub section: Option<String>,
    /// The site's name.
    pub source: Option<String>,
    /// The site's keywords.
    pub tags: Vec<String>,
    /// The text, one paragraph a line, blank lines between; [`Page::segment`](super::Page::segment) looks at it once more.
    pub text: String,
    /// What was left out.
    pub dropped: Vec<(String, Reason)>,
}

impl HtmlPage {
    /// Whether a text is an HTML document or a piece of one, by its beginning: then a reader reads it as a page.
    pub fn is_page(text: &str) -> bool {
        looks_like_html(text)
    }

    /// Reads a page.
    ///
    /// ```
    /// use rubrique::corpus::HtmlPage;
    /// let html = "<html><head><title>Un accord est signé à Rabat | La Gazette</title></head><body><nav><a href=/>Accueil</a></nav>\
    ///     <article><h1>Un accord est signé à Rabat</h1><p>Les deux pays ont signé jeudi un accord de coopération, a dit le ministre.</p></article>";
    /// let page = HtmlPage::read(html);
    /// assert_eq!(page.title, "Un accord est signé à Rabat");
    /// assert!(page.text.starts_with("Les deux pays"));
    /// assert_eq!(page.dropped[0].0, "Accueil");
    /// ```
    pub fn read(html: &str) -> Self {
        if !limits::allow_tree(html) {
            return Self { text: limits::stripped(html), ..Self::default() };
        }
        let document = dom_query::Document::from(html);
        let metadata = metadata::Metadata::read(&document);
        let blocks = blocks::Blocks::read(&document);
        content::choose(blocks, metadata)
    }

    /// Puts what was read into the article whose text was the page.
    pub(super) fn fill(self, article: &mut Article) {
        if article.title.trim().is_empty() {
            article.title = self.title;
        }
        article.text = self.text;
        article.date = article.date.take().or(self.date);
        article.source = article.source.take().or(self.source);
        article.extracted = Some(Box::new(Extracted {
            author: self.author,
            section: self.section,
            tags: self.tags,
            dropped: self.dropped,
        }));
    }
}

/// Whether a text is an HTML document or a piece of one, by its beginning.
pub(super) fn looks_like_html(text: &str) -> bool {
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\n', '\r', '\t']);
    if !start.starts_with('<') {
        return false;
    }
    const TAGS: [&str; 12] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<div",
        "<article",
        "<p>",
        "<p ",
        "<section",
        "<main",
        "<!--",
        "<h1",
    ];
    let start = start.as_bytes();
    TAGS.iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes())))
}

/// What was dropped of an article, as [`Page`](super::Page) tells it.
impl<'t> From<&'t (String, Reason)> for Dropped<'t> {
    fn from((text, reason): &'t (String, Reason)) -> Self {
        Self { text, reason: *reason }
    }
}

/// White space as a browser shows it: runs are one space.
fn collapse(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_ascii_whitespace()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

/// A value of the metadata: entities decoded, mojibake mended, white space collapsed.
fn value(text: &str) -> Option<String> {
    let value = collapse(&repair(text));
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_tell_furniture_unless_they_hold_the_article() {
        let paragraph = "Le conseil a voté jeudi soir le budget de la ville, après six heures de débat et deux \
                         suspensions de séance, selon le procès-verbal.";
        let html = format!(
            "<body><div class='has-sidebar'><h1>Le budget est voté</h1><p class='chapo'>Six heures de débat à la mairie.</p>\
             <div class='newsletter-box'><p>Recevez le journal chaque matin.</p></div><p>{paragraph}</p><p>{paragraph}</p>\
             <ul class='x'><li><a href=1>Un autre article du jour</a></li><li><a href=2>Encore un autre article</a></li></ul></div>\
             <div class='comments'><p>{paragraph} Bravo.</p></div></body>"
        );
        let page = HtmlPage::read(&html);
        assert_eq!(page.title, "Le budget est voté");
        assert_eq!(
            page.text,
            format!("Six heures de débat à la mairie.\n\n{paragraph}\n\n{paragraph}")
        );
        let reasons: Vec<Reason> = page.dropped.iter().map(|(_, reason)| *reason).collect();
        use Reason::{Comments, Notice, Teaser, Title};
        assert_eq!(reasons, [Title, Notice, Teaser, Teaser, Comments]);
    }

    #[test]
    fn deep_and_hostile_pages_are_read_as_a_stream() {
        let deep = format!("{}Le texte.{}", "<div>".repeat(200_000), "</div>".repeat(200_000));
        assert_eq!(HtmlPage::read(&deep).text, "Le texte.");
        let bold: String = (0..5_000).map(|n| format!("<b id=a{n}><p>x")).collect();
        assert!(HtmlPage::read(&bold).text.contains('x'));
        let bomb = format!("<p>{}</p>", "&lol9;&amp;".repeat(100_000));
        assert!(HtmlPage::read(&bomb).text.len() <= bomb.len());
    }

    /// A vertical tab is white space to us, and text to HTML.
    #[test]
    fn white_space_is_no_block() {
        let page = HtmlPage::read("<nav><p>\u{B}</p></nav><p>Le texte.</p><p>\u{B} </p>");
        assert_eq!((&*page.text, page.dropped), ("Le texte.", Vec::new()));
    }

    #[test]
    fn documents_and_pieces_are_told_from_text() {
        for html in ["\u{FEFF}<!DOCTYPE HTML><html>", "  <p>a", "<div class=x>"] {
            assert!(looks_like_html(html));
        }
        for text in ["Le texte <b>gras</b>", "< 3 jours", "<3", "<pas une balise>"] {
            assert!(!looks_like_html(text), "{text}");
        }
    }
}
