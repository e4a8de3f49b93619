//! A scraped page taken apart: the article itself, and what stood around it.
//!
//! Works on text that has already lost its HTML: one paragraph a line. A line is furniture when its wording
//! says so (share links, tags, newsletters), and what follows a heading such as « Aller plus loin » is teasers of other
//! articles. What is dropped is kept with its [`Reason`]; an article without furniture passes untouched.

use std::borrow::Cow;

use serde::Serialize;

use crate::text::{fold, strip_accents};

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

/// Headings behind which only other articles follow, to the end of the page.
const CLOSING_HEADINGS: [&str; 22] = [
    "aller plus loin",
    "pour aller plus loin",
    "ces articles devraient vous interesser",
    "ces articles pourraient vous interesser",
    "ces articles peuvent vous interesser",
    "cela peut vous interesser",
    "cela pourrait vous interesser",
    "sur le meme sujet",
    "sur le meme theme",
    "dans la meme rubrique",
    "dans la meme categorie",
    "articles similaires",
    "articles lies",
    "articles connexes",
    "autres articles",
    "a decouvrir aussi",
    "vous aimerez aussi",
    "vous pourriez aussi aimer",
    "les plus lus",
    "les articles les plus lus",
    "recommande pour vous",
    "a la une",
];

/// Headings of readers' comments.
const COMMENT_HEADINGS: [&str; 6] = [
    "commentaires",
    "vos commentaires",
    "laisser un commentaire",
    "reagir a cet article",
    "vos reactions",
    "ajouter un commentaire",
];

/// Links to another article, which may also stand in the middle of a text.
const INLINE_HEADINGS: [&str; 9] = [
    "a lire aussi",
    "lire aussi",
    "a lire egalement",
    "lire egalement",
    "voir aussi",
    "a voir aussi",
    "relire aussi",
    "a lire",
    "notre dossier",
];

/// How furniture lines begin, and what they are.
const LINE_STARTS: [(&str, Reason); 37] = [
    ("sujets associes", Reason::Tags),
    ("mots-cles", Reason::Tags),
    ("mots cles", Reason::Tags),
    ("tags :", Reason::Tags),
    ("themes :", Reason::Tags),
    ("dans cet article :", Reason::Tags),
    ("partager", Reason::Share),
    ("partagez", Reason::Share),
    ("suivez-nous", Reason::Share),
    ("suivez nous", Reason::Share),
    ("retrouvez-nous sur", Reason::Share),
    ("rejoignez-nous sur", Reason::Share),
    ("envoyer par e-mail", Reason::Share),
    ("envoyer par courriel", Reason::Share),
    ("imprimer cet article", Reason::Share),
    ("tweeter", Reason::Share),
    ("abonnez-vous", Reason::Notice),
    ("s'abonner", Reason::Notice),
    ("je m'abonne", Reason::Notice),
    ("inscrivez-vous", Reason::Notice),
    ("recevez chaque", Reason::Notice),
    ("recevez gratuitement", Reason::Notice),
    ("recevez notre", Reason::Notice),
    ("newsletter", Reason::Notice),
    ("infolettre", Reason::Notice),
    ("il vous reste", Reason::Notice),
    ("cet article est reserve", Reason::Notice),
    ("article reserve aux abonnes", Reason::Notice),
    ("la suite est reservee", Reason::Notice),
    ("deja abonne", Reason::Notice),
    ("nous utilisons des cookies", Reason::Notice),
    ("ce site utilise des cookies", Reason::Notice),
    ("en poursuivant votre navigation", Reason::Notice),
    ("tous droits reserves", Reason::Credit),
    ("©", Reason::Credit),
    ("copyright", Reason::Credit),
    ("reproduction interdite", Reason::Credit),
];

/// A furniture line is no paragraph.
const LONGEST_FURNITURE: usize = 220;
const LONGEST_HEADING: usize = 60;
const LONGEST_TITLE: usize = 200;

impl<'t> Page<'t> {
    /// Takes a page apart. `title` may be empty: then the first line is the title where it stands apart
    /// and does not end like a sentence.
    ///
    /// ```
    /// use rubrique::corpus::Page;
    /// let page = Page::segment("", "Un accord\n\nLes deux pays ont signé.\n\nLire aussi : Trafic au port");
    /// assert_eq!(page.title, "Un accord");
    /// assert_eq!(page.body, "Les deux pays ont signé.");
    /// ```
    pub fn segment(title: &'t str, text: &'t str) -> Self {
        let mut page = Self::bare(title, text);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let mut first = 0;
        if page.title.is_empty()
            && let Some(at) = title_line(&lines)
        {
            page.title = lines[at];
            first = at + 1;
        }
        let mut kept: Vec<&str> = Vec::with_capacity(lines.len());
        let mut at = first;
        while at < lines.len() {
            let line = lines[at];
            at += 1;
            match judge(line, kept.iter().any(|l| !l.is_empty())) {
                Verdict::Keep => kept.push(line),
                Verdict::Drop(reason) => page.leave_out(line, reason),
                Verdict::DropWithNext => {
                    page.leave_out(line, Reason::Teaser);
                    while lines.get(at).is_some_and(|l| l.is_empty()) {
                        at += 1;
                    }
                    if let Some(teaser) = lines.get(at).filter(|l| is_title_like(l)) {
                        page.leave_out(teaser, Reason::Teaser);
                        at += 1;
                    }
                }
                Verdict::DropRest(reason) => {
                    for rest in &lines[at - 1..] {
                        match judge(rest, true) {
                            Verdict::Drop(own) => page.leave_out(rest, own),
                            _ => page.leave_out(rest, reason),
                        }
                    }
                    at = lines.len();
                }
            }
        }
        if first > 0 || !page.dropped.is_empty() {
            page.body = Cow::Owned(kept.join("\n").trim().to_owned());
        }
        page
    }

    /// The same with nothing dropped: only the title is told apart, as [`segment`](Self::segment) does. For measuring what cleaning
    /// is worth.
    pub fn uncleaned(title: &'t str, text: &'t str) -> Self {
        let mut page = Self::bare(title, text);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        if page.title.is_empty()
            && let Some(at) = title_line(&lines)
        {
            page.title = lines[at];
            page.body = Cow::Owned(lines[at + 1..].join("\n").trim().to_owned());
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

    fn leave_out(&mut self, line: &'t str, reason: Reason) {
        if line.is_empty() {
            return;
        }
        if reason == Reason::Dateline && self.date.is_none() {
            self.read_dateline(line);
        }
        if reason == Reason::Tags {
            let list = line.split_once(':').map_or(line, |(_, list)| list);
            let tags = list.split([',', ';', '|', '#']).flat_map(|part| part.split(" - "));
            self.tags.extend(tags.map(str::trim).filter(|tag| !tag.is_empty()));
        }
        self.dropped.push(Dropped { text: line, reason });
    }
}

impl<'t> Page<'t> {
    /// « 23 avril 2016 - 10h00 - Belgique - Ecrit par : J. Doe »: the parts between dashes.
    fn read_dateline(&mut self, line: &'t str) {
        for part in line.split([',', '|', '·', '•', '–']).flat_map(|p| p.split(" - ")) {
            let part = part.trim();
            let plain = plain(part);
            let by = ["ecrit par", "publie par", "par "].iter().find(|by| plain.starts_with(**by));
            let is_time = plain.starts_with(|c: char| c.is_ascii_digit());
            if let Some(date) = iso_date(&plain) {
                self.date = self.date.take().or(Some(date));
            } else if let Some(by) = by {
                let name = part.char_indices().nth(by.chars().count()).map(|(at, _)| &part[at..]);
                self.author = name
                    .map(|n| n.trim_start_matches([' ', ':', '\u{A0}']))
                    .filter(|n| !n.is_empty());
            } else if !part.is_empty() && !is_time && self.place.is_none() {
                self.place = Some(part);
            }
        }
    }
}

/// The first « 23 avril 2016 » of a line without accents, as `2016-04-23`.
fn iso_date(plain: &str) -> Option<String> {
    let words: Vec<&str> = plain.split([' ', '\u{A0}']).collect();
    words.windows(3).find_map(|w| {
        let day: u8 = w[0].trim_end_matches("er").parse().ok()?;
        let month = MONTHS.iter().position(|m| *m == w[1])? + 1;
        let year: u16 = w[2].trim_end_matches([',', ':', '.']).parse().ok()?;
        ((1..=31).contains(&day) && year >= 1800).then(|| format!("{year}-{month:02}-{day:02}"))
    })
}

/// Lower case, without accents: how wording is compared.
fn plain(line: &str) -> String {
    let mut folded = String::new();
    fold(line, &mut folded);
    strip_accents(&folded).into_owned()
}

enum Verdict {
    Keep,
    Drop(Reason),
    DropWithNext,
    DropRest(Reason),
}

fn judge(line: &str, body_has_begun: bool) -> Verdict {
    if line.len() > LONGEST_FURNITURE || line.is_empty() {
        return Verdict::Keep;
    }
    let plain = plain(line);
    let plain = plain.trim_start_matches(['>', '»', '•', '-', '–', '—', '→', '▶', '*', ' ', '#']);
    let heading = plain.trim_end_matches([':', '.', ' ', '…', '\u{A0}', '\u{202F}']);
    if body_has_begun && heading.len() <= LONGEST_HEADING {
        if CLOSING_HEADINGS.contains(&heading) {
            return Verdict::DropRest(Reason::Teaser);
        }
        let without_count = heading.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        if COMMENT_HEADINGS.contains(&without_count) {
            return Verdict::DropRest(Reason::Comments);
        }
        if INLINE_HEADINGS.contains(&heading) {
            return Verdict::DropWithNext;
        }
    }
    let announces = INLINE_HEADINGS.iter().chain(&CLOSING_HEADINGS).any(|cue| {
        plain.strip_prefix(cue).is_some_and(|rest| {
            rest.trim_start_matches(['\u{A0}', '\u{202F}', ' '])
                .starts_with([':', '|', '>', '–', '→'])
        })
    });
    if announces {
        return Verdict::Drop(Reason::Teaser);
    }
    if let Some((_, reason)) = LINE_STARTS.iter().find(|(start, _)| plain.starts_with(start)) {
        // « Partager les richesses est un choix. » is a sentence: share links do not end in a full stop.
        let is_sentence = *reason == Reason::Share && plain.ends_with('.');
        if !is_sentence {
            return Verdict::Drop(*reason);
        }
    }
    if is_follow_line(plain) {
        return Verdict::Drop(Reason::Share);
    }
    if is_dateline(plain) {
        return Verdict::Drop(Reason::Dateline);
    }
    Verdict::Keep
}

/// « Suivez le journal sur WhatsApp »
fn is_follow_line(plain: &str) -> bool {
    let follows = plain.starts_with("suivez ") || plain.contains(" suivez ");
    let where_to = [
        "google news",
        "google actualites",
        "whatsapp",
        "facebook",
        "twitter",
        "telegram",
        "instagram",
        "linkedin",
    ];
    follows && plain.len() <= 120 && where_to.iter().any(|site| plain.contains(site))
}

const MONTHS: [&str; 12] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
];

/// « 23 avril 2016 - 10h00 - Belgique - Ecrit par : … », « Publié le 3 mai 2019 à 12:30 »
fn is_dateline(plain: &str) -> bool {
    if plain.len() > 140 {
        return false;
    }
    let published = ["publie le ", "mis a jour le ", "par ", "le "];
    let start = published.iter().find_map(|p| plain.strip_prefix(p)).unwrap_or(plain);
    let mut words = start.split_ascii_whitespace();
    let day = words.next().unwrap_or("").trim_end_matches("er");
    let month = words.next().unwrap_or("");
    let year = words.next().unwrap_or("").trim_end_matches([',', ':']);
    let is_day = day.parse::<u8>().is_ok_and(|d| (1..=31).contains(&d));
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let rest: String = words.collect::<Vec<_>>().join(" ");
    let rest_is_meta = rest.is_empty()
        || rest.starts_with(['-', '–', '|', '·', '•', 'à'])
        || rest.starts_with("a ")
        || rest.starts_with("par ")
        || rest.starts_with("mis a jour");
    is_day && MONTHS.contains(&month) && is_year && rest_is_meta && !rest.ends_with('.')
}

/// The first line, where a blank line or a dateline sets it apart from what follows.
fn title_line(lines: &[&str]) -> Option<usize> {
    let at = lines.iter().position(|l| !l.is_empty())?;
    let next = lines.get(at + 1)?;
    let more = lines[at + 1..].iter().any(|l| !l.is_empty());
    let apart = next.is_empty() || matches!(judge(next, false), Verdict::Drop(Reason::Dateline));
    (apart && more && is_title_like(lines[at])).then_some(at)
}

/// Short, and not ended like a sentence.
fn is_title_like(line: &str) -> bool {
    line.len() <= LONGEST_TITLE && !line.is_empty() && !line.ends_with(['.', ',', ';'])
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
    fn an_inline_link_takes_only_its_own_title_along() {
        let text = "Premier paragraphe.\n\nÀ lire aussi\n\nLe titre d'un autre article\n\nDernier paragraphe.";
        let page = Page::segment("T", text);
        assert!(page.body.ends_with("Dernier paragraphe."));
        assert!(!page.body.contains("autre article"));
    }
}
