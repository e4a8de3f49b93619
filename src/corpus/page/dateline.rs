//! The line that says when, where and by whom: « 23 avril 2016 - 10h00 - Belgique - Écrit par : … ».

use jiff::civil::Date;

use super::cues::plain;
use crate::text::MONTHS;

/// What a dateline says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dateline<'t> {
    pub date: Option<String>,
    pub place: Option<&'t str>,
    pub author: Option<&'t str>,
}

/// No dateline is longer, in bytes.
const LONGEST: usize = 200;

/// Months as they are shortened: « 3 janv. 2020 », « 5 déc 2019 ».
const SHORT_MONTHS: [&str; 12] =
    ["janv", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sept", "oct", "nov", "dec"];

/// Words of datelines that name nobody and no place.
const WORDS: &[&str] = &[
    "publie",
    "publiee",
    "paru",
    "parue",
    "poste",
    "mis",
    "mise",
    "a",
    "jour",
    "le",
    "la",
    "modifie",
    "modifiee",
    "actualise",
    "cree",
    "ecrit",
    "redige",
    "date",
    "de",
    "du",
    "publication",
    "derniere",
    "modification",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "h",
    "min",
    "mn",
    "gmt",
    "cet",
    "utc",
    "et",
    "temps",
    "lecture",
    "duree",
    "minutes",
    "minute",
    "heure",
    "heures",
    "en",
    "il",
    "y",
    "par",
    "par:",
    "les",
    "in",
    "on",
    "posted",
    "updated",
    "hier",
    "maj",
    "heure:",
    "avec",
    "redaction",
    "commentaire",
    "commentaires",
    "partages",
    "vues",
    "ligne",
];

/// How a byline begins.
const BY: [&str; 9] = [
    "ecrit par",
    "publie par",
    "redige par",
    "propos recueillis par",
    "recueilli par",
    "poste par",
    "mis en ligne par",
    "par",
    "by",
];

/// Reads a line as a dateline, where it is one.
///
/// It is one where a date, a time of reading or a byline is all that it has, besides names, places, times and the words
/// that go with these.
pub(super) fn read<'t>(line: &'t str, plain: &str) -> Option<Dateline<'t>> {
    if line.len() > LONGEST || line.is_empty() {
        return None;
    }
    let digits = plain.bytes().any(|b| b.is_ascii_digit());
    let byline = starts_with_word(plain, &BY);
    if !digits && byline.is_none() {
        return None;
    }
    let says_so =
        || plain.contains("publi") || plain.contains("mis a jour") || plain.ends_with("min.");
    // Most lines end here: they are sentences.
    if line.ends_with(['.', '!', '?', '»']) && !says_so() {
        return None;
    }
    // « Né le 4 août 1961 à Honolulu »
    let of_a_life = ["ne le ", "nee le ", "mort le ", "morte le ", "decede", "fonde"];
    if of_a_life.iter().any(|start| plain.starts_with(start)) {
        return None;
    }
    let date = iso_date(plain);
    let is_reading_time = date.is_none() && is_reading_time(plain);
    let is_time_ago = plain.starts_with("il y a ") || plain.starts_with("publie il y a ");
    if date.is_none() && byline.is_none() && !is_reading_time && !is_time_ago {
        return None;
    }
    if !is_all_meta(line, byline.is_some()) {
        return None;
    }
    let mut dateline = Dateline { date, ..Dateline::default() };
    dateline.name_parts(line);
    Some(dateline)
}

impl<'t> Dateline<'t> {
    /// The parts between dashes, bars and commas: a byline, a place.
    fn name_parts(&mut self, line: &'t str) {
        let parts = line.split([',', '|', '·', '•', '–', '—', '/']).flat_map(|p| p.split(" - "));
        for part in parts {
            let part = part.trim().trim_matches([':', ' ', '\u{A0}']);
            // « 15 mars 2013 Par Jeanne Vidal »
            let part = part.find(" Par ").or_else(|| part.find(" par ")).map_or(part, |at| {
                if part.starts_with(char::is_lowercase) || iso_date(&plain(&part[..at])).is_some() {
                    &part[at + 1..]
                } else {
                    part
                }
            });
            let plain = plain(part);
            if let Some(by) = starts_with_word(&plain, &BY) {
                let name = part.char_indices().nth(by.chars().count()).map(|(at, _)| &part[at..]);
                let name = name.map(|n| n.trim_start_matches([' ', ':', '\u{A0}']));
                let name = name.map(up_to_date).filter(|n| !n.is_empty());
                self.author = self.author.or(name);
            } else if self.place.is_none() && is_name(part) && !holds_meta(&plain) {
                self.place = Some(part);
            }
        }
    }
}

/// A name ends where the rest of the line begins: « Par Jean Dupuis le 3 mai 2019 », « Par X avec AFP ».
fn up_to_date(name: &str) -> &str {
    let ends = [" le ", " publié", " Publié", " avec ", " à ", " - ", " (", " Mis ", " mis ", "  "];
    let end = ends.iter().filter_map(|end| name.find(end)).min();
    let digit = name.find(|c: char| c.is_ascii_digit());
    let end = end.into_iter().chain(digit).min().unwrap_or(name.len());
    name[..end].trim()
}

fn starts_with_word<'b>(plain: &str, words: &[&'b str]) -> Option<&'b str> {
    words.iter().copied().find(|word| {
        plain.strip_prefix(word).is_some_and(|rest| {
            rest.starts_with([' ', ':', '\u{A0}']) && !rest.trim_matches([' ', ':']).is_empty()
        })
    })
}

/// One to six words with capitals, no digits.
fn is_name(part: &str) -> bool {
    let words = part.split_whitespace().count();
    part.chars().next().is_some_and(char::is_uppercase)
        && words <= 6
        && !part.contains(|c: char| c.is_ascii_digit())
}

fn holds_meta(plain: &str) -> bool {
    let meta = [
        "publi",
        "mis a jour",
        "modifi",
        "lecture",
        "min",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
    ];
    let more = ["samedi", "dimanche", "avec "];
    meta.iter().chain(&more).any(|word| plain.contains(word))
}

/// Whether every word is a name, a number, a time, or a word of datelines.
fn is_all_meta(line: &str, is_byline: bool) -> bool {
    let mut after_by = is_byline;
    let mut names = 0;
    for word in line.split(|c: char| c.is_whitespace() || ",|·•–—-/()".contains(c)) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() {
            continue;
        }
        let folded = plain(bare);
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit());
        let is_month = month(&folded).is_some();
        if is_number || is_month || WORDS.contains(&folded.as_str()) {
            after_by |= folded == "par";
            continue;
        }
        let is_capital = bare.starts_with(char::is_uppercase);
        // « journaliste », « envoyée spéciale à », « d’Ivoire »
        let goes_with_names = after_by || bare.len() <= 3 || word.contains(['\'', '’']);
        if !is_capital && !goes_with_names {
            return false;
        }
        names += 1;
        // « Par peur des représailles », « Par 12 voix contre 3 »
        if is_byline && names == 1 && !is_capital {
            return false;
        }
    }
    names <= 12
}

/// « 3 min de lecture », « Lecture 4 minutes », « 2 mn »
fn is_reading_time(plain: &str) -> bool {
    let has_minutes = plain.split([' ', '.', ':']).any(|w| {
        matches!(w, "min" | "mn" | "minute" | "minutes")
            || w.strip_suffix("min").is_some_and(|n| n.parse::<u8>().is_ok())
    });
    has_minutes && (plain.contains("lecture") || plain.len() <= 12)
}

fn month(word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.');
    MONTHS.iter().position(|m| *m == word).or_else(|| SHORT_MONTHS.iter().position(|m| *m == word))
}

/// The first date of a line that [`plain`] wrote, as `2016-04-23`: « 23 avril 2016 », « 1er mai 2019 », « 23/04/2016 »,
/// « 23.04.2016 », « 2016-04-23 ».
pub(super) fn iso_date(plain: &str) -> Option<String> {
    // A year has four digits, or stands behind a slash: most lines with a number have neither.
    let is_year = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    if !plain.contains('/') && !plain.as_bytes().windows(4).any(is_year) {
        return None;
    }
    let words: Vec<&str> = plain
        .split(|c: char| c.is_whitespace() || ",|·•–—()[]".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let date = |day: u16, month: u16, year: u16| {
        let year = i16::try_from(year).ok().filter(|year| (1800..2200).contains(year))?;
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok().map(|date| date.to_string())
    };
    (0..words.len()).find_map(|at| {
        let word = words[at].trim_end_matches([':', ';', 'h']);
        if let (Some(month), Some(year)) = (words.get(at + 1), words.get(at + 2)) {
            let day = word.trim_start_matches("publie").trim_end_matches("er").parse().ok();
            let year = year.trim_end_matches([':', '.', ';']).parse().ok();
            let month = self::month(month);
            if let (Some(day), Some(month), Some(year)) = (day, month, year) {
                return date(day, month as u16 + 1, year);
            }
        }
        let word = word.split('t').next().unwrap_or(word);
        let parts: Vec<u16> = word.split(['/', '-', '.']).map_while(|p| p.parse().ok()).collect();
        match *parts.as_slice() {
            [day, month, year] if year >= 1000 => date(day, month, year),
            [year, month, day] if year >= 1000 => date(day, month, year),
            [day, month, year] if (10..100).contains(&year) && word.contains('/') => {
                date(day, month, 2000 + year)
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(Option<String>, Option<&str>, Option<&str>)> {
        read(line, &plain(line)).map(|d| (d.date, d.place, d.author))
    }

    #[test]
    fn days_that_the_calendar_has_not_are_no_dates() {
        assert_eq!(iso_date("publie le 31 fevrier 2023"), None);
        assert_eq!(iso_date("publie le 31/02/2023"), None);
        assert_eq!(iso_date("publie le 29 fevrier 2024").as_deref(), Some("2024-02-29"));
    }

    #[test]
    fn datelines_of_many_sites() {
        let day = |date: &str| Some(date.to_owned());
        let rows = [
            (
                "23 avril 2016 - 10h00 - Belgique - Écrit par : La Gazette",
                (day("2016-04-23"), Some("Belgique"), Some("La Gazette")),
            ),
            ("Publié le 3 mai 2019 à 12:30", (day("2019-05-03"), None, None)),
            (
                "Publié le 03/05/2019 à 12h30, mis à jour le 04/05/2019",
                (day("2019-05-03"), None, None),
            ),
            ("Publié le lundi 25 mars 2024 à 21h27min", (day("2024-03-25"), None, None)),
            (
                "Par Awa Diarra et Jean Dupuis, le 1er mai 2019",
                (day("2019-05-01"), None, Some("Awa Diarra et Jean Dupuis")),
            ),
            ("Par Jeanne Vidal avec AFP", (None, None, Some("Jeanne Vidal"))),
            ("Par Jeanne Vidal, envoyée spéciale à Bamako", (None, None, Some("Jeanne Vidal"))),
            ("Par La rédaction | 12 déc. 2021", (day("2021-12-12"), None, Some("La rédaction"))),
            ("3 min de lecture", (None, None, None)),
            ("Il y a 3 heures", (None, None, None)),
            ("Mis à jour : 2021-03-04 08:15", (day("2021-03-04"), None, None)),
            ("Genève, le 12.03.2020", (day("2020-03-12"), Some("Genève"), None)),
        ];
        for (line, expected) in rows {
            assert_eq!(of(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn sentences_and_headings_are_none() {
        for line in [
            "Par peur des représailles, il se tait",
            "Par 12 voix contre 3, le conseil a tranché",
            "Le 3 mai 2019, un tournant",
            "Le 3 mai 2019, les deux ministres ont signé un accord à Rabat.",
            "Né le 4 août 1961 à Honolulu",
            "Dakar, le 3 mai 2019 (APS) – Le ministre a signé.",
            "Une attente de 12 minutes",
            "Le 28 septembre 2000.",
            "Il y a 3 morts",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
