//! Whole texts to sequences of term numbers.
//!
//! By tokens, as the rules say it; or by chunks, which gives the same, several times as fast: what a chunk gave
//! before is looked up whole, and only what depends on its surroundings is tokenized where it stands.

use super::analyzer::{Analyzer, Numbers, fold_word};
use super::chunks::{Block, is_separator};
use super::context::Context;
use super::forms::{BATCH, FormTerms, Found, Kept, Key, LANES, Plain};
use super::lexicon::{Lexicon, SENTENCE_BREAK, TermNumber};
use super::numbers::{is_month_of_date, number_class};
use super::token::{Token, TokenKind};
use super::tokenizer::{tokenize, tokenize_from};

/// What [`Analyzer::analyze`] found beside the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// Words of the text, stop words among them.
    pub words: usize,
    /// Function words of French among them.
    pub function_words: usize,
    /// Where in the output the lead ends.
    pub lead_end: usize,
}

/// Where chunks and what is found for them are laid out.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    block: Block,
    found: Found,
    /// Terms on their way to the output.
    kept: Kept,
}

impl Default for Desk {
    fn default() -> Self {
        Self { block: Block::default(), found: Found::default(), kept: [0; BATCH + LANES] }
    }
}

/// Bytes of the longest form that is remembered: longer ones are data, not words.
const LONGEST_FORM: usize = 128;

impl Analyzer {
    /// Appends the term numbers of `text` to `out`, [bundles](BUNDLE) among them, with a break after every sentence when n-grams
    /// are wanted, and says where in `out` the first `lead_words` words of the text end.
    pub(crate) fn analyze(
        &self,
        text: &str,
        lexicon: &mut Lexicon,
        lead_words: usize,
        out: &mut Vec<TermNumber>,
    ) -> Analysis {
        lexicon.forms.look_again();
        let settings = self.settings();
        let needs_marks = settings.word_ngrams > 1 || settings.numbers == Numbers::Class;
        let run = Run {
            analyzer: self,
            text,
            lexicon,
            lead_words,
            out,
            words: 0,
            function_words: 0,
            lead_end: None,
        };
        if needs_marks { run.by_tokens() } else { run.by_chunks() }
    }
}

/// One text on its way.
struct Run<'r> {
    analyzer: &'r Analyzer,
    text: &'r str,
    lexicon: &'r mut Lexicon,
    lead_words: usize,
    out: &'r mut Vec<TermNumber>,
    words: usize,
    function_words: usize,
    lead_end: Option<usize>,
}

impl Run<'_> {
    fn by_tokens(mut self) -> Analysis {
        let settings = self.analyzer.settings();
        let breaks = settings.word_ngrams > 1;
        let classes = settings.numbers == Numbers::Class;
        for token in tokenize(self.text) {
            if token.kind.is_lexical() {
                self.word(&token);
            } else if token.kind == TokenKind::Number && classes {
                let class = number_class(self.text, &token);
                self.out.extend(class.and_then(|class| self.lexicon.known(class)));
            } else if breaks
                && matches!(token.surface(self.text), "." | "!" | "?" | ";" | ":" | "…")
            {
                self.out.push(SENTENCE_BREAK);
            }
        }
        self.end()
    }

    fn by_chunks(mut self) -> Analysis {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut desk = self.lexicon.desk.take().unwrap_or_default();
        let Desk { block, found, kept } = &mut *desk;
        block.begin(text);
        let mut at = 0;
        while at < bytes.len() {
            let next = block.cut(bytes, at);
            let mut done = at;
            for spans in block.chunks().chunks(BATCH) {
                self.lexicon.forms.find(text, at, spans, found);
                done = self.take(at, spans, found, kept, done);
            }
            at = next.max(done);
        }
        self.lexicon.desk = Some(desk);
        self.end()
    }

    /// Takes what was found for some chunks, but for those before `done`, which is where the last of them that was read in its place
    /// ends; returns what that is now.
    #[inline]
    fn take(
        &mut self,
        base: usize,
        spans: &[[u16; 2]],
        found: &Found,
        kept: &mut Kept,
        mut done: usize,
    ) -> usize {
        let mut at = 0;
        loop {
            // What was read with another is done.
            while at < spans.len() && base + usize::from(spans[at][0]) < done {
                at += 1;
            }
            let taken = found.take(at..spans.len(), self.most_words() - self.words, kept);
            self.out.extend_from_slice(&kept[..taken.terms]);
            self.words += taken.words;
            self.function_words += taken.function_words;
            at += taken.forms;
            let Some(&span) = spans.get(at) else { return done };
            let [start, end] = span.map(|edge| base + usize::from(edge));
            if !self.is_mere_number(found.plain[at], end) {
                done = self.rare_chunk(start, end, found.plain[at], &found.keys[at]);
            }
            at += 1;
        }
    }

    /// How many words there may be without reaching over the end of the lead.
    #[inline]
    fn most_words(&self) -> usize {
        if self.lead_end.is_some() { usize::MAX } else { self.lead_words }
    }

    /// Whether a chunk is a mere number, which nothing behind it goes on with.
    #[inline]
    fn is_mere_number(&self, plain: Plain, end: usize) -> bool {
        plain == Plain::NUMBER && !Context::NumberEnd.is_met(self.text, end, end)
    }

    #[inline]
    fn count_words(&mut self, terms: &FormTerms) {
        self.words += usize::from(terms.words);
        self.function_words += usize::from(terms.function_words);
    }

    /// A chunk that is new, gives several terms, meets the end of the lead or depends on what is around it. Returns where
    /// what it was read with ends.
    #[cold]
    fn rare_chunk(&mut self, start: usize, end: usize, found: Plain, key: &Key) -> usize {
        let terms = match found {
            // What fills a block may end within a character.
            Plain::UNKNOWN => match self.text.get(start..end) {
                Some(chunk) => self.chunk_terms(chunk, key),
                None => UNKNOWN,
            },
            known => self.lexicon.forms.terms(known),
        };
        if terms.words > 0 && self.words == self.lead_words && self.lead_end.is_none() {
            self.lead_end = Some(self.out.len());
        }
        let words = self.words + usize::from(terms.words);
        let is_in_zone = words <= self.most_words();
        if is_in_zone && !terms.context.is_met(self.text, start, end) {
            self.lexicon.append_terms(terms, self.out);
            self.count_words(&terms);
            return end;
        }
        if is_in_zone && terms.context == Context::Month && terms.is_word {
            // It dates the article, as it is met most of the time.
            self.words += 1;
            return end;
        }
        // Tokens are read on until one ends where a chunk ends too.
        let mut stop = end;
        for token in tokenize_from(self.text, start) {
            if token.kind.is_lexical() {
                self.word(&token);
            }
            stop = stop.max(token.end);
            let is_cut = self.text.as_bytes().get(stop).is_none_or(|&byte| is_separator(byte));
            if token.end >= end && is_cut {
                return stop;
            }
        }
        self.text.len()
    }

    /// Takes one word in its place.
    fn word(&mut self, token: &Token) {
        if self.words == self.lead_words {
            self.lead_end = Some(self.out.len());
        }
        self.words += 1;
        if is_month_of_date(self.text, token) {
            return;
        }
        let surface = token.surface(self.text);
        let terms = self.word_terms(surface);
        if terms.context == Context::Unknown {
            let features = self.analyzer.features(self.text, token, &mut String::new());
            self.out.extend(features.iter().filter_map(|feature| self.lexicon.known(feature)));
            return;
        }
        self.function_words += usize::from(terms.function_words);
        self.lexicon.append_terms(terms, self.out);
    }

    fn end(self) -> Analysis {
        Analysis {
            words: self.words,
            function_words: self.function_words,
            lead_end: self.lead_end.unwrap_or(self.out.len()),
        }
    }

    /// What a chunk gives by itself; nothing is known of one that is too long to be remembered.
    fn chunk_terms(&mut self, chunk: &str, key: &Key) -> FormTerms {
        if chunk.len() > LONGEST_FORM {
            return UNKNOWN;
        }
        match self.lexicon.forms.get(key) {
            Some(terms) => terms,
            None => self.learn_chunk(chunk, key),
        }
    }

    /// What a word gives: its term, its classes and its character n-grams; nothing is known of one that is too long, or is no
    /// word by itself: `vas-y` is one only in `'vas-y'`.
    fn word_terms(&mut self, surface: &str) -> FormTerms {
        if surface.bytes().any(is_separator) {
            return UNKNOWN;
        }
        let terms = self.chunk_terms(surface, &self.lexicon.forms.key(surface));
        // The surface decides alone: only acronyms hold dots, words and hashtags are treated alike.
        if terms.is_word { terms } else { UNKNOWN }
    }

    #[cold]
    fn learn_chunk(&mut self, chunk: &str, key: &Key) -> FormTerms {
        if is_letters(chunk) {
            return self.learn_letters(chunk, key);
        }
        let tokens: Vec<Token> = tokenize(chunk).collect();
        let mut terms = FormTerms { context: Context::of(chunk, &tokens), ..FormTerms::default() };
        let mut numbers = Vec::new();
        for token in tokens.iter().filter(|token| token.kind.is_lexical()) {
            terms.words += 1;
            if is_month_of_date(chunk, token) {
                continue;
            }
            if token.end - token.start == chunk.len() {
                terms.is_word = true;
                terms.function_words += self.learn_word(chunk, token.kind, &mut numbers);
                continue;
            }
            let word = self.word_terms(token.surface(chunk));
            if word.context == Context::Unknown {
                let features = self.analyzer.features(chunk, token, &mut String::new());
                numbers.extend(features.iter().filter_map(|f| self.lexicon.known(f)));
            } else {
                terms.function_words += word.function_words;
                self.lexicon.append_terms(word, &mut numbers);
            }
        }
        self.lexicon.learn(key, &numbers, terms)
    }

    /// The same for a chunk of letters, without looking for its tokens.
    fn learn_letters(&mut self, chunk: &str, key: &Key) -> FormTerms {
        let token = Token { start: 0, end: chunk.len(), kind: TokenKind::Word };
        let context = Context::of_letters(chunk);
        debug_assert!(tokenize(chunk).eq([token]), "{chunk}");
        debug_assert_eq!(context, Context::of(chunk, &[token]), "{chunk}");
        let mut numbers = Vec::new();
        let terms = FormTerms {
            words: 1,
            function_words: self.learn_word(chunk, TokenKind::Word, &mut numbers),
            is_word: true,
            context,
            ..FormTerms::default()
        };
        self.lexicon.learn(key, &numbers, terms)
    }

    /// Works out what a new word gives, and whether it is a function word.
    fn learn_word(&mut self, surface: &str, kind: TokenKind, out: &mut Vec<TermNumber>) -> u8 {
        let mut folded = std::mem::take(&mut self.lexicon.folded);
        fold_word(surface, kind, &mut folded);
        let term = self.analyzer.term_of(&folded);
        if let Some(number) = term.as_deref().and_then(|term| self.lexicon.known(term)) {
            out.push(number);
        }
        let beside = self.analyzer.beside_the_term(&folded, term.as_deref());
        out.extend(beside.iter().filter_map(|feature| self.lexicon.known(feature)));
        let is_function_word = self.analyzer.is_function_word(&folded);
        self.lexicon.folded = folded;
        u8::from(is_function_word)
    }
}

/// Whether a chunk is letters and nothing else, as most are: then it is one word.
fn is_letters(chunk: &str) -> bool {
    let mut bytes = chunk.bytes();
    while let Some(byte) = bytes.next() {
        let is_letter = match byte {
            0xC3 => bytes.next().is_some_and(|second| !matches!(second, 0x97 | 0xB7)),
            _ => byte.is_ascii_alphabetic(),
        };
        if !is_letter {
            return false;
        }
    }
    true
}

const UNKNOWN: FormTerms = FormTerms {
    first: 0,
    count: 0,
    words: 0,
    function_words: 0,
    is_word: false,
    context: Context::Unknown,
};

#[cfg(test)]
mod tests {
    use super::super::analyzer::AnalyzerSettings;
    use super::super::lexicon::GivenNumbers;
    use super::*;

    #[test]
    fn the_lead_ends_behind_its_words() {
        let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
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

    /// What one thread has learned another finds, and all of it gives what it gave.
    #[test]
    fn shared_forms_give_what_own_ones_give() {
        let texts = [
            "Le porte-parole du vice-président, M. Kone, a signé l’accord en 2016.",
            "Le 3 mai, l’avant-projet constitutionnel était prêt; le porte-parole l'a lu d'un trait.",
        ];
        // By chunks and by tokens.
        for numbers in [Numbers::Drop, Numbers::Class] {
            let settings = AnalyzerSettings { numbers, ..AnalyzerSettings::default() };
            let analyzer = Analyzer::new(settings).unwrap();
            let terms: Vec<String> = texts.iter().flat_map(|text| analyzer.terms(text)).collect();
            let number = move |term: &str| terms.iter().position(|t| t == term).map(|at| at as u32);
            let read = |text: &str, lexicon: &mut Lexicon| {
                let mut out = Vec::new();
                let analysis = analyzer.analyze(text, lexicon, 4, &mut out);
                (out, analysis)
            };
            let expected = texts.map(|text| {
                read(text, &mut Lexicon::closed(GivenNumbers::new(number.clone(), usize::MAX)))
            });
            // As many as are met, or so few that they are forgotten all the time.
            for most in [1000, 5, 1] {
                let given = GivenNumbers::new(number.clone(), most);
                let (mut one, mut two) = (Lexicon::closed(given.clone()), Lexicon::closed(given));
                for round in 0..4 {
                    // Each reads what the other has read the last time.
                    let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
                    for (&text, lexicon) in order.iter().zip([&mut one, &mut two]) {
                        assert_eq!(read(texts[text], lexicon), expected[text], "round {round}");
                    }
                    assert!(one.len() == two.len() && one.len() <= most, "both know the same");
                }
                // Behind what was forgotten, learning goes on.
                (0..2).for_each(|_| drop(read("Paix", &mut one)));
                assert!(!one.is_empty());
            }
        }
    }

    /// What fills a block may end within a character, and hold no token at its end.
    #[test]
    fn runs_end_within_characters() {
        let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
        for text in [
            "中".repeat(1000),
            format!("a{}", "é".repeat(2000)),
            format!("mot{}", "\u{A0}".repeat(1100)),
            format!("mot{} fin", "\u{A0}".repeat(1100)),
            "\u{200B}".repeat(1000),
            format!("{} accord", "😀".repeat(1300)),
        ] {
            let (mut lexicon, mut numbers) = (Lexicon::default(), Vec::new());
            let words = analyzer.analyze(&text, &mut lexicon, 0, &mut numbers).words;
            assert_eq!(words, tokenize(&text).filter(|t| t.kind.is_lexical()).count(), "{text}");
            let terms: Vec<&str> = numbers.iter().map(|&n| &*lexicon.terms()[n as usize]).collect();
            assert_eq!(terms, analyzer.terms(&text), "{text}");
        }
    }

    /// Data without blanks is read on to where a chunk ends, and not remembered.
    #[test]
    fn long_runs_are_read_and_forgotten() {
        let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
        let (mut lexicon, mut numbers) = (Lexicon::default(), Vec::new());
        let text = format!("accord {} paix {} traité", "a".repeat(5000), "b-".repeat(9000));
        let words = analyzer.analyze(&text, &mut lexicon, 0, &mut numbers).words;
        assert_eq!(words, tokenize(&text).filter(|t| t.kind.is_lexical()).count());
        let terms: Vec<&str> = numbers.iter().map(|&n| &*lexicon.terms()[n as usize]).collect();
        assert_eq!(terms, analyzer.terms(&text));
        assert_eq!(lexicon.len(), 3, "the three words");
    }
}
