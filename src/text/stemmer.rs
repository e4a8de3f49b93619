//! Words to stems, by the Snowball algorithm for French.

use serde::{Deserialize, Serialize};

use super::snowball;

/// How words are brought to a common form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stemming {
    /// Words stay as they are.
    None,
    /// The Snowball French stemmer (<https://snowballstem.org/algorithms/french/stemmer.html>).
    #[default]
    Stem,
}

/// The stemmer's release: other releases may give other stems.
pub const STEMMER_VERSION: &str = "frostem 2.20261016.1";

/// Words that the stemmer would merge with words of another meaning: laundering money with bleaching
/// and with the colour white.
fn is_protected(folded: &str) -> bool {
    matches!(folded, "blanchiment" | "blanchiments" | "blanchisseur" | "blanchisseurs")
}

/// Acronyms that end like a French inflection and would lose a letter. Those the stemmer leaves alone
/// (`onu`, `tracfin`) need no place here.
fn is_acronym(folded: &str) -> bool {
    // Every new word is asked: a comparison with a constant takes no call.
    matches!(
        folded,
        "aiea"
            | "anase"
            | "aps"
            | "brics"
            | "cea"
            | "cia"
            | "cjue"
            | "cnrs"
            | "eigs"
            | "fds"
            | "fifa"
            | "gafi"
            | "giaba"
            | "gie"
            | "hamas"
            | "insee"
            | "minusca"
            | "minusma"
            | "nasa"
            | "nusra"
            | "oms"
            | "uefa"
    )
}

/// Applies one [`Stemming`].
#[derive(Clone, Copy)]
pub struct Stemmer {
    snowball: Option<frostem::Stemmer>,
}

impl Stemmer {
    /// A stemmer of this kind.
    pub fn new(stemming: Stemming) -> Self {
        let snowball = match stemming {
            Stemming::None => None,
            Stemming::Stem => Some(frostem::Stemmer::new(frostem::Algorithm::French)),
        };
        Self { snowball }
    }

    /// The stem of a folded word (lower case, NFC, `'`). Words with a digit stay whole.
    ///
    /// ```
    /// use rubrique::text::{Stemmer, Stemming};
    /// let stemmer = Stemmer::new(Stemming::Stem);
    /// assert_eq!(stemmer.stem("terroristes"), stemmer.stem("terroriste"));
    /// assert_eq!(stemmer.stem("gafi"), "gafi");
    /// assert_ne!(stemmer.stem("blanchiment"), stemmer.stem("blanche"));
    /// ```
    pub fn stem<'w>(&self, folded: &'w str) -> std::borrow::Cow<'w, str> {
        match &self.snowball {
            Some(_) if is_protected(folded) => folded.trim_end_matches('s').into(),
            Some(_) if is_acronym(folded) => folded.into(),
            Some(generated) => match snowball::stem(folded) {
                Some(stem) => stem,
                None if folded.bytes().any(|b| b.is_ascii_digit()) => folded.into(),
                None => generated.stem(folded),
            },
            None => folded.into(),
        }
    }
}

impl std::fmt::Debug for Stemmer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stemmer({})", if self.snowball.is_some() { STEMMER_VERSION } else { "none" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_stay_whole() {
        let stemmer = Stemmer::new(Stemming::Stem);
        for word in
            ["tracfin", "bcij", "gafi", "anrf", "onu", "otan", "aqmi", "daech", "hamas", "oms"]
        {
            assert_eq!(stemmer.stem(word), word);
        }
        for word in ["brics", "cnrs", "fds", "insee", "minusca", "oms", "uefa"] {
            assert_eq!(stemmer.stem(word), word);
        }
    }

    #[test]
    fn words_with_a_digit_stay_whole() {
        let stemmer = Stemmer::new(Stemming::Stem);
        assert_eq!(stemmer.stem("g20"), "g20");
        assert_eq!(stemmer.stem("covid19"), "covid19");
    }

    #[test]
    fn accents_decide() {
        let stemmer = Stemmer::new(Stemming::Stem);
        assert_ne!(stemmer.stem("péché"), stemmer.stem("pêche"));
        assert_ne!(stemmer.stem("été"), stemmer.stem("ete"));
    }

    #[test]
    fn without_stemming_words_stay() {
        let stemmer = Stemmer::new(Stemming::None);
        assert_eq!(stemmer.stem("terroristes"), "terroristes");
    }
}
