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
a à afin ai aie aient aies ailleurs ainsi ait alors après as assez au au-delà au-dessous au-dessus aucun aucune
aucunes aujourd'hui auprès auquel aura aurai auraient aurais aurait auras aurez auriez aurions aurons auront
aussi aussitôt autant autour autre autres aux auxdits auxquelles auxquels avaient avais avait avant avec avez
aviez avions avoir avons ayant ayez ayons beaucoup bien c c'est-à-dire ça car ce ceci cela celle celle-ci
celle-là celles celles-ci celles-là celui celui-ci celui-là cependant certaines certains certes ces cet cette
ceux ceux-ci ceux-là chacun chacune chaque chez ci ci-dessous ci-dessus comme comment contre d dans de dedans
dehors déjà depuis derrière des dès desdits désormais desquelles desquels dessous dessus deux devant doit
doivent donc dont du dudit duquel durant elle elle-même elles elles-mêmes en encore enfin ensuite entre environ
es ès est et étaient étais était étant etc été êtes étiez étions être eu eue eues eûmes eurent eus eusse eussent
eusses eussiez eussions eut eût eûtes eux eux-mêmes excepté faire fait faut fois font fûmes furent fus fusse
fussent fusses fussiez fussions fut fût fûtes hier hormis hors hui ici il ils j jamais je jusqu jusque l l'on la
là là-bas ladite laquelle le ledit lequel les lesdites lesdits lesquelles lesquels leur leurs lors lorsqu
lorsque lui lui-même m ma mais malgré me même mêmes mes mien mienne miennes miens moi moi-même moins mon
moyennant n ne néanmoins ni non nos notamment notre nôtre nôtres nous nous-mêmes nul nulle nulles nuls on ont
ou où outre par parce parfois parmi pas pendant peu peut peut-être peuvent peux plus plusieurs plutôt pour
pourquoi pourtant pourvu pouvait près presque puis puisqu puisque qu quand quant que quel quelconque quelconques
quelle quelles quelqu'un quelqu'une quelque quelques quelques-unes quelques-uns quels qui quiconque quoi quoiqu
quoique rien s sa sans sauf se selon sera serai seraient serais serait seras serez seriez serions serons seront
ses seulement si sien sienne siennes siens sinon sitôt soi soi-même soient sois soit sommes son sont sous
souvent suis suivant sur surtout t ta tandis tant tantôt te tel telle telles tels tes tien tienne tiennes tiens
toi toi-même ton toujours tous tout toute toutefois toutes très trop tu un une va vers via voici voilà vont vos
votre vôtre vôtres vous vous-même vous-mêmes vu y z
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
    fn every_class_of_function_words_is_there() {
        let stop = StopWords::french();
        let classes = [
            ("articles", "le la les l un une du des au aux"),
            ("subjects", "je j tu il elle on nous vous ils elles l'on"),
            ("objects", "me m te t se s lui leur eux en y moi toi soi"),
            ("possessives", "mon ta ses notre vos leurs mien tienne siens nôtres"),
            ("demonstratives", "ce c ça ceci cela cet cette ces celui-ci celles-là"),
            ("relatives", "qui que qu quoi dont où lequel auxquelles desquels duquel"),
            ("indefinites", "aucun nul chaque plusieurs quelque quelqu'un tel tout autre même"),
            (
                "prepositions",
                "à de par pour sans sous sur vers chez contre dès entre hors malgré parmi",
            ),
            ("conjunctions", "et ou mais donc ni car si comme lorsque puisqu quoique jusqu tandis"),
            ("avoir", "ai as avons ont avait eurent aura aurait ait ayant eu"),
            ("être", "suis es est sommes sont était furent sera serait soit étant été"),
            ("negation", "ne n pas plus jamais rien"),
        ];
        for (class, words) in classes {
            for word in words.split(' ') {
                assert!(stop.contains(word), "{class}: {word}");
            }
        }
    }

    #[test]
    fn keeps_the_words_of_news() {
        let stop = StopWords::french();
        for word in [
            "nouveau", "gens", "état", "droite", "gauche", "premier", "dernier", "guerre",
            "accord", "argent", "or", "grâce", "fin", "part", "cas", "jour", "temps", "monde",
            "pays", "homme",
        ] {
            assert!(!stop.contains(word), "{word}");
        }
    }
}
