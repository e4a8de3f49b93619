//! The topics of an article, by name.

use serde::{Deserialize, Serialize};

/// The topics an article is about: sorted, each once. Empty means none of the topics.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LabelSet(Vec<String>);

impl LabelSet {
    /// Reads a label cell: topics separated by `;`. `other` and `autre` name no topic.
    ///
    /// ```
    /// use rubrique::corpus::LabelSet;
    /// assert_eq!(LabelSet::parse("terrorism; diplomacy").names(), ["diplomacy", "terrorism"]);
    /// assert!(LabelSet::parse(" other ").names().is_empty());
    /// ```
    pub fn parse(cell: &str) -> Self {
        Self::new(cell.split(';').map(str::trim).filter(|name| {
            !name.is_empty()
                && !name.eq_ignore_ascii_case("other")
                && !name.eq_ignore_ascii_case("autre")
        }))
    }

    /// The set of these names.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether no topic is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names for people: `other` where there is none.
    pub fn or_other(&self) -> String {
        if self.is_empty() { "other".to_owned() } else { self.to_cell() }
    }

    /// The cell that [`parse`](Self::parse) reads back.
    pub fn to_cell(&self) -> String {
        self.0.join(";")
    }
}

#[cfg(test)]
mod tests {
    use super::LabelSet;

    #[test]
    fn a_cell_is_read_back_as_it_was() {
        for names in [vec![], vec!["b", "a", "b"], vec!["blanchiment d'argent", "été, à part"]] {
            let set = LabelSet::new(names);
            assert_eq!(LabelSet::parse(&set.to_cell()), set);
        }
        assert_eq!(LabelSet::parse(";b; a ;;AUTRE;b").names(), ["a", "b"]);
        assert!(LabelSet::parse("Other;autre; ;").is_empty());
        assert_eq!(LabelSet::parse("autres").names(), ["autres"], "a topic of that name");
    }
}
