//! Words that keep the same company: classes of stems, found in articles without labels.
//!
//! A word that no training article holds says nothing to a model of words. Its classes do: `séisme` is in one class with
//! `tremblement` and `magnitude`, whatever the labels. Each stem has one class in each of six divisions of the
//! vocabulary, from coarse to fine, as the prefixes of Brown clusters have (Miller, Guinness, Zamanian 2004, "Name tagging
//! with word clusters and discriminative training"). `examples/word_classes.rs` made them and tells how.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::normalizer::strip_accents;

/// The table's release. With another table the classes of a model's terms would mean something else.
pub const WORD_CLASSES_VERSION: u32 = 1;

/// Numbers of classes in the divisions.
pub const DIVISIONS: [u16; 6] = [32, 64, 128, 256, 512, 1024];

/// Lines of a stem and its class in every division, tabs between.
static TABLE: &[u8] = include_bytes!("../../models/word-classes.tsv.zst");

static FRENCH: LazyLock<WordClasses> = LazyLock::new(WordClasses::read);

/// The classes of French stems.
#[derive(Debug)]
pub struct WordClasses {
    of_stem: HashMap<Box<str>, [u16; DIVISIONS.len()], foldhash::fast::FixedState>,
}

impl WordClasses {
    /// The table that comes with the library, read when it is first asked for.
    ///
    /// ```
    /// use rubrique::text::WordClasses;
    /// let classes = WordClasses::french();
    /// assert_eq!(classes.get("séism").unwrap()[0], classes.get("magnitud").unwrap()[0]);
    /// assert_eq!(classes.get("xyzzy"), None);
    /// ```
    pub fn french() -> &'static Self {
        &FRENCH
    }

    /// The class of a stem in every division. A stem without its accents is found too, unless it is one of its own.
    pub fn get(&self, stem: &str) -> Option<&[u16; DIVISIONS.len()]> {
        self.of_stem.get(stem)
    }

    fn read() -> Self {
        let table = zstd::decode_all(TABLE).expect("the table is compiled in");
        let table = String::from_utf8(table).expect("the table is text");
        let mut of_stem = HashMap::default();
        let mut unaccented = Vec::new();
        for line in table.lines() {
            let mut cells = line.split('\t');
            let stem = cells.next().unwrap_or_default();
            let mut classes = [0; DIVISIONS.len()];
            for class in &mut classes {
                *class = cells.next().and_then(|cell| cell.parse().ok()).expect("a class");
            }
            let bare = strip_accents(stem);
            if bare != stem {
                unaccented.push((Box::from(&*bare), classes));
            }
            of_stem.insert(Box::from(stem), classes);
        }
        for (bare, classes) in unaccented {
            of_stem.entry(bare).or_insert(classes);
        }
        Self { of_stem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_within_its_division() {
        let classes = WordClasses::french();
        assert!(classes.of_stem.len() > 20_000);
        for (stem, of_stem) in &classes.of_stem {
            for (class, division) in of_stem.iter().zip(DIVISIONS) {
                assert!(*class < division, "{stem}");
            }
        }
    }

    #[test]
    fn accents_may_be_missing() {
        let classes = WordClasses::french();
        assert_eq!(classes.get("seism"), classes.get("séism"));
    }
}
