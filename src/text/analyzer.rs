//! The chain from text to terms: tokenize, fold, drop stop words, stem. Every setting is in
//! [`AnalyzerSettings`], which a model carries, so that training and use cannot differ.
//!
//! Here one token becomes its terms; `analysis.rs` does whole texts.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::normalizer::{fold, strip_accents};
use super::numbers::{is_month_of_date, number_class};
use super::spelling::spelling;
use super::stemmer::{Stemmer, Stemming};
use super::stop_words::StopWords;
use super::token::{Token, TokenKind};
use super::tokenizer::tokenize;
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
    /// Whatever the stop words are, these tell French.
    function_words: StopWords,
    stemmer: Stemmer,
    /// Classes are known by stem, whatever the terms are.
    class_stemmer: Stemmer,
    /// Unaccented spellings, and the term that their accented form gives.
    variants: HashMap<Box<str>, Box<str>, foldhash::fast::FixedState>,
    tells_spellings: bool,
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
        Ok(Self {
            settings,
            stop_words,
            function_words: StopWords::french(),
            stemmer,
            class_stemmer,
            variants: HashMap::default(),
            tells_spellings: false,
        })
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

    /// Gives the spelling without accents of every accented word that has a term as a feature too, for training.
    pub(crate) fn telling_spellings(self) -> Self {
        Self { tells_spellings: true, ..self }
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
        fold_word(surface, kind, folded);
        self.term_of(folded).map(Cow::into_owned)
    }

    /// The term of a folded word, if it has one.
    pub(super) fn term_of<'w>(&'w self, folded: &'w str) -> Option<Cow<'w, str>> {
        if folded.chars().count() < self.settings.min_length.into()
            || self.stop_words.contains(folded)
        {
            return None;
        }
        let has_letter = folded.chars().any(char::is_alphabetic);
        if !has_letter {
            return None;
        }
        if let Some(term) = self.variants.get(folded) {
            return Some(Cow::Borrowed(term));
        }
        let stem = self.stemmer.stem(folded);
        if self.settings.accents {
            return Some(stem);
        }
        Some(match strip_accents(&stem) {
            Cow::Owned(plain) => Cow::Owned(plain),
            Cow::Borrowed(_) => stem,
        })
    }

    pub(super) fn is_function_word(&self, folded: &str) -> bool {
        self.function_words.contains(folded)
    }

    /// What a word gives beside its term: its spelling without accents, where that is wanted, its classes, unless it is a stop word, and its
    /// character n-grams.
    pub(super) fn beside_the_term(&self, folded: &str, term: Option<&str>) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(term) = term.filter(|_| self.tells_spellings) {
            out.extend(spelling(folded, term));
        }
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
}

/// Folds a word.
pub(super) fn fold_word(surface: &str, kind: TokenKind, folded: &mut String) {
    fold(surface, folded);
    if kind == TokenKind::Acronym {
        // From here on O.N.U. is ONU.
        folded.retain(|c| c != '.');
    }
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

#[cfg(test)]
mod tests {
    use super::super::lexicon::{Lexicon, SENTENCE_BREAK};
    use super::super::spelling::parse_spelling;
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
                .flat_map(|number| lexicon.opened(number))
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
        plain.clone().telling_spellings().analyze(accented, &mut lexicon, 0, &mut Vec::new());
        let spellings: Vec<_> = lexicon.terms().iter().filter_map(|t| parse_spelling(t)).collect();
        let taught = plain.clone().with_variants(spellings);
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
        let opened = numbers.iter().flat_map(|number| lexicon.opened(number));
        let named: Vec<&str> = opened.map(|&n| &*lexicon.terms()[n as usize]).collect();
        assert_eq!(
            named,
            [
                "~‹le", "~le›", "pact", "~‹pa", "~pac", "~act", "~cte", "~te›", "fin", "~‹fi",
                "~fin", "~in›"
            ]
        );
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
