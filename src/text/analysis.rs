//! Whole texts to sequences of term numbers.
//!
//! By tokens, as the rules say it; or by chunks, which gives the same, several times as fast: what a chunk gave
//! before is looked up whole, and only what depends on its surroundings is tokenized where it stands.

use super::analyzer::{Analyzer, Numbers};
use super::chunks::{Block, is_separator};
use super::context::Context;
use super::forms::FormTerms;
use super::lexicon::{Lexicon, SENTENCE_BREAK, TermNumber};
use super::normalizer::strip_accents;
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

/// Bytes of the longest form that is remembered: longer ones are data, not words.
const LONGEST_FORM: usize = 128;

impl Analyzer {
    /// Appends the term numbers of `text` to `out`, with a break after every sentence when n-grams
    /// are wanted, and says where in `out` the first `lead_words` words of the text end.
    pub(crate) fn analyze(
        &self,
        text: &str,
        lexicon: &mut Lexicon,
        lead_words: usize,
        out: &mut Vec<TermNumber>,
    ) -> Analysis {
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
        let mut block = Block::new();
        let mut at = 0;
        while at < bytes.len() {
            let mut next = block.cut(bytes, at);
            // Whether a chunk gives a term is as good as a coin's toss: a branch on it would be mispredicted at every
            // other one, so that its term is always written and only sometimes kept.
            let mut kept = self.out.len();
            self.out.resize(kept + block.chunks().len(), 0);
            let mut done = at;
            for &[start, end] in block.chunks() {
                let (start, end) =
                    (block.base() + usize::from(start), block.base() + usize::from(end));
                let found = self.lexicon.chunks.get(text, start, end);
                let terms = found.unwrap_or_else(|| self.learn_chunk(&text[start..end]));
                let words = self.words + usize::from(terms.words);
                let is_plain = (terms.count < 2)
                    & (terms.context == Context::Free)
                    & (words <= self.lead_words || self.lead_end.is_some())
                    & (start >= done);
                if is_plain {
                    self.out[kept] = terms.first;
                    kept += usize::from(terms.count);
                    self.words = words;
                    self.function_words += usize::from(terms.function_words);
                    continue;
                }
                if start < done {
                    continue;
                }
                let waiting = self.out.len() - kept;
                self.out.truncate(kept);
                done = self.rare_chunk(start, end, terms);
                kept = self.out.len();
                self.out.resize(kept + waiting, 0);
            }
            self.out.truncate(kept);
            next = next.max(done);
            at = next;
        }
        self.end()
    }

    /// A chunk that gives several terms, meets the end of the lead or depends on what is around it. Returns where what it
    /// was read with ends.
    #[cold]
    fn rare_chunk(&mut self, start: usize, end: usize, terms: FormTerms) -> usize {
        let words = self.words + usize::from(terms.words);
        if terms.words > 0 && self.words == self.lead_words && self.lead_end.is_none() {
            self.lead_end = Some(self.out.len());
        }
        let is_in_zone = words <= self.lead_words || self.lead_end.is_some();
        if is_in_zone && !terms.context.is_met(self.text, start, end) {
            self.lexicon.append_terms(terms, self.out);
            self.words = words;
            self.function_words += usize::from(terms.function_words);
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
                break;
            }
        }
        stop
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
        if surface.len() > LONGEST_FORM {
            let features = self.analyzer.features(self.text, token, &mut String::new());
            self.out.extend(features.iter().filter_map(|feature| self.lexicon.known(feature)));
            return;
        }
        let terms = self.word_terms(surface, token.kind);
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

    /// Works out what a new chunk gives by itself.
    #[cold]
    fn learn_chunk(&mut self, chunk: &str) -> FormTerms {
        if chunk.len() > LONGEST_FORM {
            return FormTerms { context: Context::Bound, ..FormTerms::default() };
        }
        let tokens: Vec<Token> = tokenize(chunk).collect();
        let mut terms = FormTerms { context: Context::of(chunk, &tokens), ..FormTerms::default() };
        let mut parts = Vec::new();
        for token in tokens.iter().filter(|token| token.kind.is_lexical()) {
            terms.words += 1;
            if !is_month_of_date(chunk, token) {
                let part = self.word_terms(token.surface(chunk), token.kind);
                terms.function_words += part.function_words;
                parts.push(part);
            }
        }
        parts.retain(|part| part.count > 0);
        if let [only] = parts[..] {
            terms = FormTerms { first: only.first, count: only.count, ..terms };
        } else {
            let mut numbers = Vec::new();
            for part in parts {
                self.lexicon.append_terms(part, &mut numbers);
            }
            terms.first = self.lexicon.lists.len() as u32;
            terms.count = numbers.len() as u16;
            self.lexicon.lists.append(&mut numbers);
        }
        self.lexicon.chunks.insert(chunk, terms);
        terms
    }

    /// What a word gives: its term, its classes and its character n-grams.
    fn word_terms(&mut self, surface: &str, kind: TokenKind) -> FormTerms {
        // The surface decides alone: only acronyms hold dots, words and hashtags are treated alike.
        match self.lexicon.words.get(surface, 0, surface.len()) {
            Some(terms) => terms,
            None => self.learn_word(surface, kind),
        }
    }

    #[cold]
    fn learn_word(&mut self, surface: &str, kind: TokenKind) -> FormTerms {
        let lexicon = &mut *self.lexicon;
        let first = lexicon.lists.len() as u32;
        let mut folded = String::new();
        let term = self.analyzer.word_term(surface, kind, &mut folded);
        if let Some(number) = term.as_deref().and_then(|term| lexicon.known(term)) {
            lexicon.lists.push(number);
            if !folded.is_ascii() {
                let unaccented = strip_accents(&folded);
                if unaccented != folded {
                    lexicon.variants.push((unaccented.as_ref().into(), number));
                }
            }
        }
        for feature in self.analyzer.beside_the_term(&folded, term.as_deref()) {
            let number = lexicon.known(&feature);
            lexicon.lists.extend(number);
        }
        let count = lexicon.lists.len() - first as usize;
        let mut terms = FormTerms {
            first,
            count: count as u16,
            words: 1,
            function_words: u8::from(self.analyzer.is_function_word(&folded)),
            context: Context::Free,
        };
        if count == 1 {
            // A single term needs no list.
            terms.first = lexicon.lists.pop().expect("one was pushed");
        }
        lexicon.words.insert(surface, terms);
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::super::analyzer::AnalyzerSettings;
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
        assert_eq!(lexicon.len(), 6, "three words, as chunks and as words");
    }
}
