//! What the tokenizer finds: a span of the text and what kind of thing stands there.

/// What kind of thing a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word, compounds included: `porte-parole`, `aujourd'hui`, `G20`.
    Word,
    /// The elided start of a word with its apostrophe: `l'`, `qu'`.
    Elision,
    /// An inverted pronoun with its hyphen: `-t-il`, `-ce`.
    Clitic,
    /// Letters with dots between them: `O.N.U.`.
    Acronym,
    /// A shortened word with its dot: `M.`, `art.`.
    Abbreviation,
    /// A number with its separators: `1 000 000`, `3,5`.
    Number,
    /// `https://…` or `www.…`.
    Url,
    /// `nom@exemple.fr`.
    Email,
    /// `@nom`.
    Mention,
    /// `#mot`; the word is the span without `#`.
    Hashtag,
    /// One mark: `,`, `«`, `…`, `€`.
    Mark,
}

impl TokenKind {
    /// Whether the token may become a term: it holds a word that says something.
    #[inline]
    pub fn is_lexical(self) -> bool {
        matches!(self, Self::Word | Self::Acronym | Self::Hashtag)
    }
}

/// A piece of the text: bytes `start..end`, always on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: TokenKind,
}

impl Token {
    /// The token's own text.
    #[inline]
    pub fn surface<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}
