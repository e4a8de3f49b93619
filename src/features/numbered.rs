//! Names and their numbers.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Names under the numbers in which they came, one behind the other: a name is found with few steps from one place of memory to
/// another.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    numbers: HashTable<u32>,
    text: String,
    /// Name `n` stands in `ends[n]..ends[n + 1]` of the text.
    ends: Vec<usize>,
}

impl Default for Numbered {
    fn default() -> Self {
        Self { numbers: HashTable::new(), text: String::new(), ends: vec![0] }
    }
}

const HASHER: FixedState = FixedState::with_seed(0);

impl Numbered {
    /// The number of a name, a new one if it was not met before.
    pub fn number(&mut self, name: &str) -> u32 {
        let Self { numbers, text, ends } = self;
        let named = |number: u32| &text[ends[number as usize]..ends[number as usize + 1]];
        let hash = HASHER.hash_one(name);
        if let Some(&number) = numbers.find(hash, |&number| named(number) == name) {
            return number;
        }
        let number = ends.len() as u32 - 1;
        numbers.insert_unique(hash, number, |&number| HASHER.hash_one(named(number)));
        text.push_str(name);
        ends.push(text.len());
        number
    }

    /// The number of a name that has one.
    #[inline]
    pub fn get(&self, name: &str) -> Option<u32> {
        self.numbers.find(HASHER.hash_one(name), |&number| self.name(number) == name).copied()
    }

    #[inline]
    pub fn name(&self, number: u32) -> &str {
        &self.text[self.ends[number as usize]..self.ends[number as usize + 1]]
    }

    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// All names in the order of their numbers.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len() as u32).map(|number| self.name(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_numbers_in_which_they_came() {
        let mut numbered = Numbered::default();
        assert_eq!(["b", "", "ab", "b", ""].map(|name| numbered.number(name)), [0, 1, 2, 0, 1]);
        assert_eq!(numbered.names().collect::<Vec<_>>(), ["b", "", "ab"]);
        assert_eq!(["ab", "a"].map(|name| numbered.get(name)), [Some(2), None]);
    }
}
