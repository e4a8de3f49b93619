//! The chain from text to terms: tokenize, fold, drop stop words, stem. Every setting is in
//! [`AnalyzerSettings`], which a model carries, so that training and use cannot differ.
//!
//! Folding and stemming are slow beside scanning, so they run once for every distinct surface form:
//! a [`Lexicon`] remembers what each form gave.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::forms::{FormTerms, Forms};
use super::normalizer::{fold, strip_accents};
use super::stemmer::{Stemmer, Stemming};
use super::stop_words::StopWords;
use super::token::{Token, TokenKind};
use super::tokenizer::{is_combining, tokenize};
use super::word_classes::{DIVISIONS, WordClasses};
use crate::error::{Error, Result};

/// Which words are left out of the features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopList {
    /// The French function words of [`StopWords::french`].
    #[default]
    French,
    /// None.
    None,
    /// A list of one's own.
    Own(Vec<String>),
}

/// What becomes of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// They are no features.
    #[default]
    Drop,
    /// They become their class: `<date>`, `<année>`, `<heure>`, `<pourcentage>`, `<montant>`,
    /// `<nombre>`.
    Class,
}

/// Everything that decides which terms a text gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerSettings {
    /// Stemming of words.
    pub stemming: Stemming,
    /// Whether terms keep their accents (`péché` and `pêche` differ).
    pub accents: bool,
    /// Words left out.
    pub stop_words: StopList,
    /// Longest word n-gram, 1 to 3. n-grams run over the words that are kept, within a sentence.
    pub word_ngrams: u8,
    /// Shortest and longest character n-gram within words, stop words too, 3 to 6; `None` for no character n-grams.
    pub char_ngrams: Option<(u8, u8)>,
    /// Whether words give their [classes](WordClasses) as terms too.
    pub word_classes: bool,
    /// What becomes of numbers.
    pub numbers: Numbers,
    /// Words of fewer characters are left out, 1 to 20.
    pub min_length: u8,
}

impl Default for AnalyzerSettings {
    fn default() -> Self {
        Self {
            stemming: Stemming::default(),
            accents: true,
            stop_words: StopList::default(),
            word_ngrams: 1,
            char_ngrams: None,
            word_classes: false,
            numbers: Numbers::default(),
            min_length: 2,
        }
    }
}

impl AnalyzerSettings {
    /// Checks that every setting is in its range.
    pub fn check(&self) -> Result<()> {
        if !(1..=3).contains(&self.word_ngrams) {
            return Err(Error::setting("word_ngrams", self.word_ngrams, "1 to 3"));
        }
        if let Some((shortest, longest)) = self.char_ngrams
            && (!(3..=6).contains(&shortest) || !(shortest..=6).contains(&longest))
        {
            let value = format!("{shortest}-{longest}");
            return Err(Error::setting("char_ngrams", value, "a range within 3-6"));
        }
        if !(1..=20).contains(&self.min_length) {
            return Err(Error::setting("min_length", self.min_length, "1 to 20"));
        }
        Ok(())
    }
}

/// A kind of term. Each sees a text in its own way, and has its own Naive Bayes where labels exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Words, as stems or as they are, and word n-grams.
    Words,
    /// Character n-grams within words.
    Characters,
    /// Classes of words.
    Classes,
}

/// What character n-grams begin with, so that none is taken for a word.
const CHARACTERS_MARK: char = '~';
/// What classes begin with.
const CLASSES_MARK: char = '≈';

impl View {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Words, Self::Characters, Self::Classes];

    /// The kind of a term.
    pub fn of(term: &str) -> Self {
        match term.chars().next() {
            Some(CHARACTERS_MARK) => Self::Characters,
            Some(CLASSES_MARK) => Self::Classes,
            _ => Self::Words,
        }
    }
}

/// Turns text into terms. Immutable, shared by all threads.
///
/// ```
/// use rubrique::text::{Analyzer, AnalyzerSettings};
/// let analyzer = Analyzer::new(AnalyzerSettings::default())?;
/// let terms = analyzer.terms("L’accord d’extradition a été signé par l’O.N.U.");
/// assert_eq!(terms, ["accord", "extradit", "sign", "onu"]);
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Analyzer {
    settings: AnalyzerSettings,
    stop_words: StopWords,
    stemmer: Stemmer,
    /// Classes are known by stem, whatever the terms are.
    class_stemmer: Stemmer,
    /// Unaccented spellings, and the term that their accented form gives.
    variants: HashMap<Box<str>, Box<str>, foldhash::fast::FixedState>,
}

/// The number a [`Lexicon`] gave to a term.
pub type TermNumber = u32;

/// In a sequence of term numbers: a sentence ended here, no n-gram goes across.
pub(crate) const SENTENCE_BREAK: TermNumber = TermNumber::MAX;

/// Words that are looked up together.
const BATCH: usize = 32;

/// What the surface forms met so far gave, and the terms under their numbers. One for each thread;
/// it only saves time, results do not depend on it.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    forms: Forms,
    lists: Vec<TermNumber>,
    numbers: HashMap<Box<str>, TermNumber, foldhash::fast::FixedState>,
    terms: Vec<Box<str>>,
    ngrams: HashMap<(TermNumber, TermNumber), TermNumber, foldhash::fast::FixedState>,
    variants: Vec<(Box<str>, TermNumber)>,
}

impl Lexicon {
    /// The terms by number.
    pub fn terms(&self) -> &[Box<str>] {
        &self.terms
    }

    /// Accented forms met so far: their spelling without accents and the term they gave.
    pub fn variants(&self) -> &[(Box<str>, TermNumber)] {
        &self.variants
    }

    /// Forms remembered, which is what its memory grows with.
    pub fn len(&self) -> usize {
        self.forms.len() + self.ngrams.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a term, a new one if it was not met before.
    pub fn number(&mut self, term: &str) -> TermNumber {
        if let Some(&number) = self.numbers.get(term) {
            return number;
        }
        let number = self.terms.len() as TermNumber;
        self.terms.push(term.into());
        self.numbers.insert(term.into(), number);
        number
    }

    /// The number of the n-gram that `next` makes with the n-gram or word `first`.
    pub(crate) fn ngram(&mut self, first: TermNumber, next: TermNumber) -> TermNumber {
        if let Some(&number) = self.ngrams.get(&(first, next)) {
            return number;
        }
        let term = format!("{} {}", self.terms[first as usize], self.terms[next as usize]);
        let number = self.number(&term);
        self.ngrams.insert((first, next), number);
        number
    }
}

impl Analyzer {
    /// An analyzer with these settings, once they are checked.
    pub fn new(settings: AnalyzerSettings) -> Result<Self> {
        settings.check()?;
        let stop_words = match &settings.stop_words {
            StopList::French => StopWords::french(),
            StopList::None => StopWords::new([]),
            StopList::Own(words) => StopWords::new(words.iter().map(String::as_str)),
        };
        let stemmer = Stemmer::new(settings.stemming);
        let class_stemmer = Stemmer::new(Stemming::Stem);
        Ok(Self { settings, stop_words, stemmer, class_stemmer, variants: HashMap::default() })
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &AnalyzerSettings {
        &self.settings
    }

    /// Teaches unaccented spellings: where a text writes the form without accents, it gives the term.
    pub(crate) fn with_variants<'v>(
        mut self,
        variants: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Self {
        self.variants = variants.into_iter().map(|(f, t)| (f.into(), t.into())).collect();
        self
    }

    /// The terms of a text in order, n-grams left aside.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut folded = String::new();
        tokenize(text).filter_map(|token| self.term(text, &token, &mut folded)).collect()
    }

    /// The term of one token, or `None` where it gives no feature. `folded` is left holding the folded
    /// form.
    pub fn term(&self, text: &str, token: &Token, folded: &mut String) -> Option<String> {
        match token.kind {
            TokenKind::Number if self.settings.numbers == Numbers::Class => {
                number_class(text, token).map(str::to_owned)
            }
            TokenKind::Word if is_month_of_date(text, token) => None,
            kind if kind.is_lexical() => self.word_term(token.surface(text), kind, folded),
            _ => None,
        }
    }

    /// Everything that one token gives: its term, if it has one, its classes and its character n-grams, as far as the settings
    /// ask for them. `folded` is left holding the folded form.
    pub(crate) fn features(&self, text: &str, token: &Token, folded: &mut String) -> Vec<String> {
        let term = self.term(text, token, folded);
        let is_word = token.kind.is_lexical()
            && !(token.kind == TokenKind::Word && is_month_of_date(text, token));
        let beside =
            if is_word { self.beside_the_term(folded, term.as_deref()) } else { Vec::new() };
        term.into_iter().chain(beside).collect()
    }

    fn word_term(&self, surface: &str, kind: TokenKind, folded: &mut String) -> Option<String> {
        fold(surface, folded);
        if kind == TokenKind::Acronym {
            // From here on O.N.U. is ONU.
            folded.retain(|c| c != '.');
        }
        if folded.chars().count() < self.settings.min_length.into()
            || self.stop_words.contains(folded)
        {
            return None;
        }
        let has_letter = folded.chars().any(char::is_alphabetic);
        if !has_letter {
            return None;
        }
        if let Some(term) = self.variants.get(folded.as_str()) {
            return Some(term.clone().into());
        }
        let stem = self.stemmer.stem(folded);
        Some(if self.settings.accents {
            stem.into_owned()
        } else {
            strip_accents(&stem).into_owned()
        })
    }

    /// Appends the term numbers of `text` to `out`, with a break after every sentence when n-grams
    /// are wanted, and returns where in `out` the first `lead_words` words of the text end.
    pub(crate) fn analyze(
        &self,
        text: &str,
        lexicon: &mut Lexicon,
        lead_words: usize,
        out: &mut Vec<TermNumber>,
    ) -> Analysis {
        let mut words = 0;
        let mut lead_end = None;
        let breaks = self.settings.word_ngrams > 1;
        let classes = self.settings.numbers == Numbers::Class;
        let bytes = text.as_bytes();
        let mut after_day = false;
        let mut batch = [Token { start: 0, end: 0, kind: TokenKind::Word }; BATCH];
        let mut waiting = 0;
        for token in tokenize(text) {
            // Months are looked at closely only behind what may be a day: 23, 1er.
            let may_be_month =
                std::mem::replace(&mut after_day, ends_like_day(&bytes[..token.end]));
            let lexical = token.kind.is_lexical();
            if lexical && words == lead_words {
                self.look_up(text, &batch[..std::mem::take(&mut waiting)], lexicon, out);
                lead_end = Some(out.len());
            }
            words += usize::from(lexical);
            if may_be_month && lexical && is_month_of_date(text, &token) {
                continue;
            }
            if token.kind == TokenKind::Number && classes {
                if let Some(class) = number_class(text, &token) {
                    self.look_up(text, &batch[..std::mem::take(&mut waiting)], lexicon, out);
                    out.push(lexicon.number(class));
                }
            } else if breaks
                && !lexical
                && matches!(token.surface(text), "." | "!" | "?" | ";" | ":" | "…")
            {
                self.look_up(text, &batch[..std::mem::take(&mut waiting)], lexicon, out);
                out.push(SENTENCE_BREAK);
            }
            // Words and marks follow each other in no order that a branch could foresee: every token is
            // written, and only words are kept.
            batch[waiting] = token;
            waiting += usize::from(lexical);
            if waiting == BATCH {
                self.look_up(text, &batch, lexicon, out);
                waiting = 0;
            }
        }
        self.look_up(text, &batch[..waiting], lexicon, out);
        Analysis { words, lead_end: lead_end.unwrap_or(out.len()) }
    }

    /// Appends the terms of some forms to `out`. Many at a time, with nothing between them, so that the
    /// processor waits for the memory of several at once.
    fn look_up(
        &self,
        text: &str,
        batch: &[Token],
        lexicon: &mut Lexicon,
        out: &mut Vec<TermNumber>,
    ) {
        // Whether a word gives a term is as good as a coin's toss: a branch on it would be mispredicted at
        // every other word, so that the term is always written and only sometimes kept.
        let mut kept = [0; BATCH];
        let mut fill = 0;
        for token in batch {
            let terms = match lexicon.forms.get(text, token.start, token.end) {
                Some(terms) => terms,
                None => self.learn(token.surface(text), token.kind, lexicon),
            };
            if terms.count > 1 {
                out.extend_from_slice(&kept[..std::mem::take(&mut fill)]);
                let first = terms.first as usize;
                out.extend_from_slice(&lexicon.lists[first..first + terms.count as usize]);
                continue;
            }
            kept[fill] = terms.first;
            fill += terms.count as usize;
        }
        out.extend_from_slice(&kept[..fill]);
    }

    /// What a word gives beside its term: its classes, unless it is a stop word, and its character n-grams.
    fn beside_the_term(&self, folded: &str, term: Option<&str>) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(term) = term.filter(|_| self.settings.word_classes) {
            let known = WordClasses::french();
            // The table knows stems, whatever the terms are.
            let classes = known.get(term).or_else(|| known.get(&self.class_stemmer.stem(folded)));
            let named = |(class, division)| format!("{CLASSES_MARK}{division}.{class}");
            out.extend(classes.into_iter().flatten().zip(DIVISIONS).map(named));
        }
        if let Some((shortest, longest)) = self.settings.char_ngrams {
            out.extend(char_ngrams(folded, shortest.into(), longest.into()));
        }
        out
    }

    /// Works out what a new surface form gives: its term, its classes and its character n-grams.
    #[cold]
    fn learn(&self, surface: &str, kind: TokenKind, lexicon: &mut Lexicon) -> FormTerms {
        let first = lexicon.lists.len() as u32;
        let mut folded = String::new();
        let term = self.word_term(surface, kind, &mut folded);
        if let Some(term) = &term {
            let number = lexicon.number(term);
            lexicon.lists.push(number);
            if !folded.is_ascii() {
                let unaccented = strip_accents(&folded);
                if unaccented != folded {
                    lexicon.variants.push((unaccented.as_ref().into(), number));
                }
            }
        }
        for feature in self.beside_the_term(&folded, term.as_deref()) {
            let number = lexicon.number(&feature);
            lexicon.lists.push(number);
        }
        let mut terms = FormTerms { first, count: lexicon.lists.len() as u32 - first };
        if terms.count == 1 {
            // A single term needs no list.
            terms.first = lexicon.lists.pop().expect("one was pushed");
        }
        // The surface decides alone: only acronyms hold dots, words and hashtags are treated alike.
        lexicon.forms.insert(surface, terms);
        terms
    }
}

/// What [`Analyzer::analyze`] found beside the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// Words of the text, stop words among them.
    pub words: usize,
    /// Where in the output the lead ends.
    pub lead_end: usize,
}

/// The n-grams of `word` with a boundary mark on both sides: `‹acc`, `acco`, …, `ord›`.
fn char_ngrams(word: &str, shortest: usize, longest: usize) -> impl Iterator<Item = String> {
    let padded: Vec<char> =
        std::iter::once('‹').chain(word.chars()).chain(std::iter::once('›')).collect();
    (shortest..=longest).flat_map(move |n| {
        let grams: Vec<String> = padded
            .windows(n)
            .map(|w| std::iter::once(CHARACTERS_MARK).chain(w.iter().copied()).collect())
            .collect();
        grams
    })
}

const SPACES: [char; 4] = [' ', '\u{A0}', '\u{202F}', '\u{2009}'];

/// Whether a token that ends here may be the day before a month.
#[inline]
fn ends_like_day(text: &[u8]) -> bool {
    let Some(&[day, e, r]) = text.last_chunk() else { return true };
    r.is_ascii_digit() | (day.is_ascii_digit() & (e == b'e') & (r == b'r'))
}

/// Whether the word is the month in `23 avril 2016`: it dates an article and says nothing of its topic.
fn is_month_of_date(text: &str, word: &Token) -> bool {
    let before = text[..word.start].trim_end_matches(SPACES);
    let day = before.strip_suffix("er").unwrap_or(before);
    before.len() < word.start
        && day.ends_with(|c: char| c.is_ascii_digit())
        && is_month(word.surface(text))
}

fn is_month(word: &str) -> bool {
    let mut folded = String::new();
    fold(word, &mut folded);
    matches!(
        &*strip_accents(&folded),
        "janvier"
            | "fevrier"
            | "mars"
            | "avril"
            | "mai"
            | "juin"
            | "juillet"
            | "aout"
            | "septembre"
            | "octobre"
            | "novembre"
            | "decembre"
    )
}

/// The class of a number, from what stands around it; `None` for the minutes of an hour, which is classed
/// by its first number.
fn number_class(text: &str, number: &Token) -> Option<&'static str> {
    let surface = number.surface(text);
    let before = text[..number.start].trim_end_matches(SPACES);
    let hour = before.strip_suffix(['h', 'H']).map(|hour| hour.trim_end_matches(SPACES));
    if hour.is_some_and(|hour| hour.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    Some(class_by_what_follows(text, number, surface))
}

/// `25/12/2015`, `25.12.15`.
fn is_date(surface: &str) -> bool {
    let groups: Vec<usize> = surface.split(['/', '.']).map(str::len).collect();
    matches!(groups[..], [1..=2, 1..=2, 2 | 4])
}

fn class_by_what_follows(text: &str, number: &Token, surface: &str) -> &'static str {
    let after = text[number.end..].trim_start_matches(SPACES);
    let next: String =
        after.chars().take_while(|&c| c.is_alphanumeric() || is_combining(c)).collect();
    let is_money = |word: &str| {
        let word = word.trim_end_matches('s');
        matches!(
            word,
            "euro"
                | "dollar"
                | "franc"
                | "dirham"
                | "dinar"
                | "livre"
                | "FCFA"
                | "CFA"
                | "EUR"
                | "USD"
        )
    };
    if after.starts_with('%') || next == "pour" && after.starts_with("pour cent") {
        return "<pourcentage>";
    }
    let scaled = ["million", "millions", "milliard", "milliards", "M", "Md", "Mds", "k", "K"];
    let unit = match next.as_str() {
        word if scaled.contains(&word) => after[word.len()..]
            .trim_start()
            .trim_start_matches("de ")
            .trim_start_matches("d'")
            .trim_start_matches("d’"),
        _ => after,
    };
    let unit_word: String = unit.chars().take_while(|c| c.is_alphanumeric()).collect();
    if unit.starts_with(['€', '$', '£']) || is_money(&unit_word) {
        return "<montant>";
    }
    if (next.starts_with('h') && next[1..].bytes().all(|b| b.is_ascii_digit()))
        || next.starts_with("heure")
    {
        return "<heure>";
    }
    let is_day = after.len() < text.len() - number.end && is_month(&next);
    if is_day || is_date(surface) {
        return "<date>";
    }
    let year = surface.len() == 4 && (surface.starts_with("19") || surface.starts_with("20"));
    if year && surface.bytes().all(|b| b.is_ascii_digit()) { "<année>" } else { "<nombre>" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyzer(settings: AnalyzerSettings) -> Analyzer {
        Analyzer::new(settings).unwrap()
    }

    /// The terms with one space between, by [`Analyzer::terms`] and by [`Analyzer::analyze`] alike.
    fn terms_of(analyzer: &Analyzer, text: &str) -> String {
        let terms = analyzer.terms(text);
        let (mut lexicon, mut numbers) = (Lexicon::default(), Vec::new());
        for round in ["new", "remembered"] {
            numbers.clear();
            analyzer.analyze(text, &mut lexicon, 0, &mut numbers);
            let named: Vec<&str> = numbers
                .iter()
                .filter(|&&number| number != SENTENCE_BREAK)
                .map(|&number| &*lexicon.terms()[number as usize])
                .collect();
            assert_eq!(named, terms, "{text}: {round}");
        }
        terms.join(" ")
    }

    fn terms(text: &str) -> String {
        terms_of(&analyzer(AnalyzerSettings::default()), text)
    }

    #[test]
    fn spellings_of_one_word_meet() {
        let rows = [
            ["ÉTAT", "État", "E\u{301}TAT", "e\u{301}tat"],
            ["l'accord", "l’accord", "l\u{2BC}accord", "L\u{FF07}ACCORD"],
            ["cœur", "coeur", "CŒUR", "Coeur"],
            ["garantie", "ga\u{AD}rantie", "garan\u{200B}tie", "\u{FEFF}garantie"],
            ["O.N.U.", "ONU", "onu", "O.N.U"],
            ["U.E.", "UE", "ue", "l’U.E."],
            ["l’A.N.R.F.", "ANRF", "Anrf", "anrf"],
            ["«\u{A0}traité\u{202F}»", "“traité”", "traité…", "—traité"],
            ["c'est-à-dire traité", "C’EST-À-DIRE traité", "traité", "le traité"],
            ["porte-parole", "Porte-parole", "PORTE-PAROLE", "porte\u{2011}parole"],
        ];
        for row in rows {
            for spelling in row {
                assert_eq!(terms(spelling), terms(row[0]), "{spelling}");
                assert!(!terms(spelling).is_empty(), "{spelling}");
            }
        }
    }

    #[test]
    fn acronyms_are_terms_as_they_are() {
        assert_eq!(terms("TRACFIN, BCIJ, GAFI et ANRF"), "tracfin bcij gafi anrf");
        assert_eq!(terms("O.N.U., O.T.A.N., G20"), "onu otan g20");
        assert_eq!(terms("S.A. et SA"), "", "the stop word sa in both spellings");
    }

    #[test]
    fn function_words_give_no_term() {
        assert_eq!(terms("Qu’est-ce que c’est ? A-t-il dit qu’il l’a vu ?"), "dit");
        assert_eq!(terms("aujourd’hui, quelqu'un, celui-ci, c’est-à-dire, l’on"), "");
    }

    #[test]
    fn addresses_give_no_term_and_hashtags_their_word() {
        let text = "Voir https://exemple.fr/accord, www.exemple.fr, exemple.com/a ou nom@exemple.fr, @nom #Paix2030";
        assert_eq!(terms(text), "voir paix2030");
    }

    #[test]
    fn abbreviations_give_no_term() {
        assert_eq!(terms("M. Kone, Mgr. Sarr, art. 421-1, n° 5, al. 2"), "kon sarr");
    }

    #[test]
    fn numbers_give_no_term_by_default() {
        let text =
            "23 avril 2016 - 10h00 : 1 000 000, 3,5 %, 12,4 M€, 20 h 45, 1er mai, 25/12/2015";
        assert_eq!(terms(text), "");
        assert_eq!(terms("Depuis avril"), "avril", "a month that dates nothing is a word");
        assert_eq!(terms("Le G20, mars et le G-20 mars"), "g20 mar g-20");
    }

    #[test]
    fn numbers_become_classes_where_asked_for() {
        let settings = AnalyzerSettings { numbers: Numbers::Class, ..AnalyzerSettings::default() };
        let analyzer = analyzer(settings);
        let rows = [
            ("1 000 000", "<nombre>"),
            ("1.000.000", "<nombre>"),
            ("3,5 % et 20 pour cent", "<pourcentage> <pourcentage> cent"),
            ("3,5\u{202F}%", "<pourcentage>"),
            ("12,4 M€", "<montant>"),
            ("10 euros", "<montant> euros"),
            ("5\u{A0}€", "<montant>"),
            ("10h00", "<heure>"),
            ("20 h 45", "<heure>"),
            ("8 heures", "<heure> heur"),
            ("2016", "<année>"),
            ("23 avril 2016 - 10h00", "<date> <année> <heure>"),
            ("1er fe\u{301}vrier", "<date>"),
            ("25/12/2015", "<date>"),
        ];
        for (text, expected) in rows {
            assert_eq!(terms_of(&analyzer, text), expected, "{text}");
        }
    }

    #[test]
    fn unaccented_texts_fall_back_on_accented_forms() {
        let accented = "L’État a été déterminé à combattre la criminalité organisée";
        let bare = "L'ETAT a ete determine a combattre la criminalite organisee";
        let plain = analyzer(AnalyzerSettings::default());
        let mut lexicon = Lexicon::default();
        plain.analyze(accented, &mut lexicon, 0, &mut Vec::new());
        let variants: Vec<(String, String)> = lexicon
            .variants()
            .iter()
            .map(|(form, number)| (form.to_string(), lexicon.terms()[*number as usize].to_string()))
            .collect();
        let taught = plain.clone().with_variants(variants.iter().map(|(f, t)| (&**f, &**t)));
        assert_ne!(terms_of(&plain, bare), terms_of(&plain, accented));
        assert_eq!(terms_of(&taught, bare), terms_of(&plain, accented));
        assert_eq!(terms_of(&taught, accented), terms_of(&plain, accented));
    }

    #[test]
    fn settings_decide() {
        let base = AnalyzerSettings::default();
        let rows = [
            (AnalyzerSettings { stemming: Stemming::None, ..base.clone() }, "accords signés"),
            (AnalyzerSettings { accents: false, ..base.clone() }, "accord sign"),
            (
                AnalyzerSettings { stop_words: StopList::None, ..base.clone() },
                "le accord sont sign",
            ),
            (
                AnalyzerSettings {
                    stop_words: StopList::Own(vec!["Accords".into()]),
                    ..base.clone()
                },
                "le sont sign",
            ),
            (AnalyzerSettings { min_length: 7, ..base.clone() }, "accord"),
        ];
        for (settings, expected) in rows {
            assert_eq!(terms_of(&analyzer(settings), "Les accords sont signés"), expected);
        }
        let unaccented = AnalyzerSettings { accents: false, stemming: Stemming::None, ..base };
        assert_eq!(terms_of(&analyzer(unaccented), "Pêche, péché"), "peche peche");
    }

    #[test]
    fn character_ngrams_stay_within_words() {
        let settings =
            AnalyzerSettings { char_ngrams: Some((3, 3)), ..AnalyzerSettings::default() };
        let analyzer = analyzer(settings);
        let (mut lexicon, mut numbers) = (Lexicon::default(), Vec::new());
        analyzer.analyze("Le pacte. Fin", &mut lexicon, 1, &mut numbers);
        let named: Vec<&str> = numbers.iter().map(|&n| &*lexicon.terms()[n as usize]).collect();
        assert_eq!(
            named,
            [
                "~‹le", "~le›", "pact", "~‹pa", "~pac", "~act", "~cte", "~te›", "fin", "~‹fi",
                "~fin", "~in›"
            ]
        );
    }

    #[test]
    fn the_lead_ends_behind_its_words() {
        let analyzer = analyzer(AnalyzerSettings::default());
        let text = "Le traité de paix, signé hier, entre en vigueur demain. ".repeat(60);
        for lead_words in [0, 1, 3, 7, 100, 10_000] {
            let (mut lexicon, mut numbers) = (Lexicon::default(), Vec::new());
            let analysis = analyzer.analyze(&text, &mut lexicon, lead_words, &mut numbers);
            let mut lead = Vec::new();
            let words = tokenize(&text).filter(|t| t.kind.is_lexical()).nth(lead_words);
            let end = words.map_or(text.len(), |token| token.start);
            analyzer.analyze(&text[..end], &mut lexicon, 0, &mut lead);
            assert_eq!(numbers[..analysis.lead_end], lead, "{lead_words} words");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let base = AnalyzerSettings::default();
        for settings in [
            AnalyzerSettings { word_ngrams: 4, ..base.clone() },
            AnalyzerSettings { char_ngrams: Some((2, 4)), ..base.clone() },
            AnalyzerSettings { char_ngrams: Some((5, 4)), ..base.clone() },
            AnalyzerSettings { min_length: 0, ..base },
        ] {
            assert!(Analyzer::new(settings).is_err());
        }
    }

    #[test]
    fn analyzers_are_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Analyzer>();
    }
}
