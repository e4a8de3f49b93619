//! Function words, which say nothing of a topic.
//!
//! The list follows the French list of the Snowball project (articles, pronouns, prepositions,
//! conjunctions, forms of *avoir* and *être*), completed with the function words of the same classes that
//! are frequent in the press. Words of content stay out: `nouveau`, `gens`, `état`, `droite` are news.

use hashbrown::HashSet;

use super::normalizer::{fold, strip_accents};

/// Words left out of the features, looked up in folded form, with or without their accents.
#[derive(Clone, Debug)]
pub struct StopWords {
    words: HashSet<Box<str>, foldhash::fast::FixedState>,
}

impl StopWords {
    /// The French function words of this crate.
    pub fn french() -> Self {
        Self::new(FRENCH.split_ascii_whitespace())
    }

    /// A list of one's own. An empty one keeps every word.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut set = HashSet::with_hasher(foldhash::fast::FixedState::default());
        let mut folded = String::new();
        for word in words {
            fold(word, &mut folded);
            set.insert(strip_accents(&folded).into());
            set.insert(folded.as_str().into());
        }
        Self { words: set }
    }

    /// Whether a folded word is in the list.
    pub fn contains(&self, folded: &str) -> bool {
        self.words.contains(folded)
    }
}

/// The French list as written, for those who want to start their own from it.
pub const FRENCH: &str = "
a à afin ai aie aient aies ainsi ait alors après as assez au aucun aucune auquel aura aurai auraient aurais
aurait auras aurez auriez aurions aurons auront aussi autant autre autres aux auxquelles auxquels avaient avais
avait avant avec avez aviez avions avoir avons ayant ayez ayons beaucoup bien c ça car ce ceci cela celle
celle-ci celle-là celles celles-ci celles-là celui celui-ci celui-là cependant certains certaines ces cet cette
ceux ceux-ci ceux-là chacun chacune chaque chez ci comme comment d dans de depuis dernier dernière derniers dernières
des dès désormais deux devant dont donc du duquel durant elle elle-même elles elles-mêmes en encore enfin
ensuite entre environ es est et étaient étais était étant été êtes étiez étions être eu eue eues eûmes eurent
eus eusse eussent eusses eussiez eussions eut eût eûtes eux eux-mêmes faire fait faut fois font fûmes
furent fus fusse fussent fusses fussiez fussions fut fût fûtes grâce hier hors hui ici il ils j jamais je
jusqu jusque l la là laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui lui-même m ma
mais malgré me même mêmes mes moi moins mon n ne néanmoins ni non nos notamment notre nôtre nôtres nous on ont ou où outre
par parce parmi pas pendant peu peut peut-être peuvent plus plusieurs plutôt pour pourquoi pourtant
près presque puis puisqu puisque qu quand quant que quel quelle quelles quelqu'un quelqu'une quelque quelques
quelques-uns quels qui quiconque quoi quoique rien s sa sans sauf se selon sera serai seraient serais serait seras
serez seriez serions serons seront ses seulement si sien sienne sinon soi soi-même soient sois soit sommes son sont
soudain sous suis suivant sur surtout t ta tandis tant te tel telle telles tels tes toi ton toujours tous
tout toute toutefois toutes très trop tu un une va vers via voici voilà vont vos votre vôtre vôtres vous vu y
aujourd'hui c'est-à-dire l'on etc
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_function_words_with_and_without_accents() {
        let stop = StopWords::french();
        for word in ["le", "été", "ete", "à", "a", "meme", "qu", "aujourd'hui", "celles-là"] {
            assert!(stop.contains(word), "{word}");
        }
    }

    #[test]
    fn keeps_the_words_of_news() {
        let stop = StopWords::french();
        for word in ["nouveau", "gens", "état", "droite", "premier", "guerre", "accord", "argent"]
        {
            assert!(!stop.contains(word), "{word}");
        }
    }
}
