//! A scraped page taken apart: the article itself, and what stood around it.
//!
//! Works on text that has already lost its HTML: one paragraph a line. Three things tell what a line is: its wording
//! (`cues`: share links, tags, newsletters, headings such as « Aller plus loin », behind which other articles follow), dates
//! and bylines (`dateline`), and where it stands (`layout`: before, between or behind the paragraphs). What comes again and
//! again on the pages of one source is found by `repetition`. Inside the run of paragraphs little is dropped: to lose a
//! sentence of the article is worse than to keep a teaser. What is dropped is kept with its [`Reason`]; an article
//! without furniture passes untouched.

use std::borrow::Cow;

use memchr::memchr;
use serde::Serialize;

use layout::{Fate, Line};
pub use repetition::{RepeatedBySource, RepeatedLines};

mod cues;
mod dateline;
mod layout;
mod repetition;

/// Why a line is no part of the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Announces another article.
    Teaser,
    /// Links to share or follow.
    Share,
    /// The site's own keywords: metadata, and they would give the topic away.
    Tags,
    /// Newsletters, subscriptions, cookies.
    Notice,
    /// Copyright and credits.
    Credit,
    /// Date, place and author.
    Dateline,
    /// Readers' comments.
    Comments,
    /// Menus, paths, searches, site maps.
    Navigation,
    /// What stands below a picture.
    Caption,
    /// The title, again.
    Title,
    /// Stands on many pages of the same source.
    Repeated,
}

/// A line that was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped<'t> {
    /// The line.
    pub text: &'t str,
    /// Why.
    pub reason: Reason,
}

/// The parts of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<'t> {
    /// The title: the given one, or else the first line where it stands apart.
    pub title: &'t str,
    /// The day it appeared, as `2016-04-23`, from the line that prints date, place and author.
    pub date: Option<String>,
    /// Where it was written, from the same line.
    pub place: Option<&'t str>,
    /// Who wrote it, from the same line.
    pub author: Option<&'t str>,
    /// The article's own text.
    pub body: Cow<'t, str>,
    /// The site's keywords.
    pub tags: Vec<&'t str>,
    /// What was left out.
    pub dropped: Vec<Dropped<'t>>,
}

impl<'t> Page<'t> {
    /// Takes a page apart. `title` may be empty: then it is looked for among the first lines.
    ///
    /// ```
    /// use rubrique::corpus::Page;
    /// let page = Page::segment("", "Un accord\n\nLes deux pays ont signé.\n\nLire aussi : Trafic au port");
    /// assert_eq!(page.title, "Un accord");
    /// assert_eq!(page.body, "Les deux pays ont signé.");
    /// ```
    pub fn segment(title: &'t str, text: &'t str) -> Self {
        Self::segment_among(title, text, None)
    }

    /// Takes a page apart that is one of many of its source: `repeated` are the lines that come again and again there.
    pub fn segment_among(title: &'t str, text: &'t str, repeated: Option<&RepeatedLines>) -> Self {
        let mut page = Self::bare(title, text);
        let mut lines: Vec<Line<'t>> = lines(text).map(Line::read).collect();
        if let Some(repeated) = repeated {
            for line in lines.iter_mut().filter(|line| line.is_kept() && repeated.holds(line.text))
            {
                line.fate = Fate::Dropped(Reason::Repeated);
            }
        }
        if !page.title.is_empty() && layout::is_text(&lines) {
            return page;
        }
        layout::judge_captions(&mut lines);
        layout::judge_boxes(&mut lines);
        let title_at = layout::judge_head(&mut lines, page.title);
        layout::judge_tail(&mut lines);
        layout::judge_runs(&mut lines);
        if let Some(at) = title_at
            && page.title.is_empty()
        {
            page.title = lines[at].text;
        }
        if lines.iter().any(|line| !line.is_kept()) {
            let kept: Vec<&str> = lines.iter().filter(|l| l.is_kept()).map(|l| l.text).collect();
            page.body = Cow::Owned(kept.join("\n").trim().to_owned());
            for (at, line) in lines.into_iter().enumerate() {
                if let (Fate::Dropped(reason), false) = (line.fate, Some(at) == title_at) {
                    page.leave_out(line, reason);
                }
            }
        }
        page
    }

    /// The same with nothing dropped: only the title is told apart, as [`segment`](Self::segment) does. For measuring what cleaning
    /// is worth.
    pub fn uncleaned(title: &'t str, text: &'t str) -> Self {
        let mut page = Self::bare(title, text);
        if page.title.is_empty() {
            let mut lines: Vec<Line<'t>> = lines(text).map(Line::read).collect();
            if let Some(at) = layout::judge_head(&mut lines, "") {
                page.title = lines[at].text;
                let others =
                    lines.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, l)| l.text);
                page.body = Cow::Owned(others.collect::<Vec<_>>().join("\n").trim().to_owned());
            }
        }
        page
    }

    /// The title and the text as they are given.
    fn bare(title: &'t str, text: &'t str) -> Self {
        Self {
            title: title.trim(),
            date: None,
            place: None,
            author: None,
            body: Cow::Borrowed(text),
            tags: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn leave_out(&mut self, line: Line<'t>, reason: Reason) {
        if line.is_blank() {
            return;
        }
        if reason == Reason::Tags {
            let list = line.text.split_once(':').map_or("", |(_, list)| list);
            let tags =
                list.split([',', ';', '|', '#', '•', '·']).flat_map(|part| part.split(" - "));
            self.tags.extend(tags.map(str::trim).filter(|tag| !tag.is_empty()));
        }
        // Datelines of other articles stand in their teasers.
        if let (Reason::Dateline, Some(dateline)) = (reason, line.dateline) {
            self.date = self.date.take().or(dateline.date);
            self.place = self.place.or(dateline.place);
            self.author = self.author.or(dateline.author);
        }
        self.dropped.push(Dropped { text: line.text, reason });
    }
}

/// The lines of a text, without the blanks around each.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = (!rest.is_empty()).then(|| rest[..length].trim());
        rest = rest.get(length + 1..).unwrap_or_default();
        line
    })
}

/// Whether two lines say the same, but for case, accents and marks.
pub(super) fn is_same_wording(a: &str, b: &str) -> bool {
    let letters = |line: &str| -> String {
        cues::plain(line).chars().filter(|c| c.is_alphanumeric()).collect()
    };
    a.len().abs_diff(b.len()) < 40 && letters(a) == letters(b)
}

/// Why a box that begins with this line is no part of the article, where its wording says so.
pub(super) fn heads_box(line: &str) -> Option<Reason> {
    match cues::cue(&cues::plain(line)) {
        cues::Cue::Closing(reason) => Some(reason),
        cues::Cue::Inline => Some(Reason::Teaser),
        cues::Cue::Drop(Reason::Notice) => Some(Reason::Notice),
        _ => None,
    }
}

/// The first date in a line, as `2016-04-23`.
pub(super) fn read_date(line: &str) -> Option<String> {
    dateline::iso_date(&cues::plain(line))
}

/// The date and the author that a line names; without « par », a line that is all names is an author.
pub(super) fn read_dateline(line: &str) -> (Option<String>, Option<String>) {
    let plain = cues::plain(line);
    let read = dateline::read(line, &plain).unwrap_or_default();
    let date = read.date.or_else(|| dateline::iso_date(&plain));
    (date, read.author.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_article_passes_untouched() {
        let text = "Le ministre a signé l'accord.\nPartager la charge est un devoir, a-t-il dit.\n\nSur le même sujet, il s'est tu.";
        let page = Page::segment("Un titre", text);
        assert!(matches!(page.body, Cow::Borrowed(t) if t == text));
        assert!(page.dropped.is_empty());
    }

    #[test]
    fn teasers_tags_and_share_lines_are_dropped_with_their_reason() {
        let text = "Un accord signé\n\n3 mai 2019 - 10h00 - Rabat - Écrit par : J. Doe\n\nLes deux pays coopèrent.\n\n\
                    Lire aussi : Un vol au musée\n\nLa suite du texte.\n\nSujets associés : Maroc - Justice\n\nAller plus loin\n\n\
                    Blanchiment : dix arrestations\n\nUne enquête a...";
        let page = Page::segment("", text);
        assert_eq!(page.title, "Un accord signé");
        assert_eq!(page.body, "Les deux pays coopèrent.\n\n\nLa suite du texte.");
        assert_eq!(page.tags, ["Maroc", "Justice"]);
        assert_eq!(page.date.as_deref(), Some("2019-05-03"));
        assert_eq!((page.place, page.author), (Some("Rabat"), Some("J. Doe")));
        let reasons: Vec<Reason> = page.dropped.iter().map(|d| d.reason).collect();
        use Reason::*;
        assert_eq!(reasons, [Dateline, Teaser, Tags, Teaser, Teaser, Teaser]);
        let page = Page::uncleaned("", text);
        assert_eq!(page.title, "Un accord signé");
        assert!(page.body.starts_with("3 mai") && page.body.ends_with("Une enquête a..."));
    }

    #[test]
    fn lines_are_those_of_the_standard_library() {
        for text in ["", "\n", "a", "a\n", "a\n\n b \r\nc", "\u{A0}é\n\n", "\n\na\r"] {
            assert!(lines(text).eq(text.lines().map(str::trim)), "{text:?}");
        }
    }

    /// Where no line is said to need judging, judging drops none.
    #[test]
    fn what_is_not_judged_would_all_be_kept() {
        let paragraph = "Les deux pays ont signé un accord sur le partage de l'eau du fleuve, après neuf ans de pourparlers et de visites.";
        let sample = [
            "",
            "Un accord sur l'eau du fleuve",
            "Un accord sur l'eau du fleuve, enfin.",
            "Sports",
            "Lire aussi",
            "3 mai 2019",
            paragraph,
            "Une enquête a été ouverte...",
        ];
        let mut passed = 0;
        for at in 0..sample.len().pow(4) {
            let text: Vec<&str> =
                (0..4).map(|i| sample[at / sample.len().pow(i) % sample.len()]).collect();
            let mut read: Vec<Line<'_>> = text.iter().map(|line| Line::read(line)).collect();
            if !layout::is_text(&read) {
                continue;
            }
            passed += 1;
            layout::judge_captions(&mut read);
            layout::judge_boxes(&mut read);
            assert_eq!(layout::judge_head(&mut read, "Le partage du fleuve"), None, "{text:?}");
            layout::judge_tail(&mut read);
            layout::judge_runs(&mut read);
            assert!(read.iter().all(Line::is_kept), "{text:?}");
        }
        assert!(passed > 80, "{passed}");
    }

    #[test]
    fn an_inline_link_takes_only_its_own_title_along() {
        let text = "Premier paragraphe.\n\nÀ lire aussi\n\nLe titre d'un autre article\n\nDernier paragraphe.";
        let page = Page::segment("T", text);
        assert!(page.body.ends_with("Dernier paragraphe."));
        assert!(!page.body.contains("autre article"));
    }
}
