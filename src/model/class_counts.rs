//! What Naive Bayes learns from: integer counts of terms by class.

use serde::de::{SeqAccess, Visitor};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::features::DocumentTermMatrix;
use crate::ids::TermId;

/// Counts of documents and terms, for each class and for all documents together.
///
/// They are integers, so counts of parts add up to the counts of the whole exactly, in any order, and the
/// counts of a fold can be taken away again. A document may belong to several classes or to none; the
/// counts of "not in class *c*" are the totals less those of *c*. Of each term only the classes that have it are
/// kept, so that memory follows the pairs that occur. A file holds all, zeros too, term by term: entry
/// `term * classes + class`.
///
/// ```
/// use rubrique::features::DocumentTermMatrix;
/// use rubrique::model::ClassCounts;
/// let mut matrix = DocumentTermMatrix::new(2);
/// matrix.push_row([(0, 3)]);
/// matrix.push_row([(0, 1), (1, 2)]);
/// let counts = ClassCounts::count(&matrix, &[vec![0], vec![0, 1]], 2);
/// assert_eq!(counts.occurrences(0, 0), 4);
/// assert_eq!(counts.occurrences(1, 1), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Dense")]
pub struct ClassCounts {
    documents: u64,
    class_documents: Vec<u64>,
    /// By term: its counts in all documents.
    totals: Vec<TermCounts>,
    /// The pairs of term `t` stand in `starts[t]..starts[t + 1]`.
    starts: Vec<usize>,
    /// The class of each pair, ascending within a term.
    pair_classes: Vec<u32>,
    /// The counts of each pair; none is of nothing.
    pairs: Vec<TermCounts>,
}

/// How often a term occurs, and in how many documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TermCounts {
    pub occurrences: u64,
    pub documents: u64,
}

impl TermCounts {
    /// A term that occurs `count` times in each of `documents` documents.
    pub fn of(count: u32, documents: u64) -> Self {
        Self { occurrences: u64::from(count) * documents, documents }
    }

    fn combined(self, other: Self, op: fn(u64, u64) -> Option<u64>) -> Option<Self> {
        Some(Self {
            occurrences: op(self.occurrences, other.occurrences)?,
            documents: op(self.documents, other.documents)?,
        })
    }
}

impl std::ops::AddAssign for TermCounts {
    fn add_assign(&mut self, other: Self) {
        self.occurrences += other.occurrences;
        self.documents += other.documents;
    }
}

impl std::ops::SubAssign for TermCounts {
    fn sub_assign(&mut self, other: Self) {
        self.occurrences -= other.occurrences;
        self.documents -= other.documents;
    }
}

/// The counts of one term, with a place for every class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TermRow {
    pub total: TermCounts,
    pub by_class: Vec<TermCounts>,
}

impl TermRow {
    pub fn new(classes: usize) -> Self {
        Self { total: TermCounts::default(), by_class: vec![TermCounts::default(); classes] }
    }

    fn clear(&mut self) {
        self.total = TermCounts::default();
        self.by_class.fill(TermCounts::default());
    }

    /// Takes away the counts of documents of these classes.
    pub fn subtract(&mut self, counts: TermCounts, classes: &[usize]) {
        self.total -= counts;
        classes.iter().for_each(|&class| self.by_class[class] -= counts);
    }
}

/// What all terms of a set of documents add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub terms: usize,
    pub documents: u64,
    pub class_documents: Vec<u64>,
    pub occurrences: u64,
    pub class_occurrences: Vec<u64>,
}

impl Totals {
    /// Takes away documents of these classes, with so many documents and occurrences of terms.
    pub fn subtract(&mut self, documents: u64, occurrences: u64, classes: &[usize]) {
        self.documents -= documents;
        self.occurrences -= occurrences;
        for &class in classes {
            self.class_documents[class] -= documents;
            self.class_occurrences[class] -= occurrences;
        }
    }
}

impl ClassCounts {
    /// No documents yet, over `terms` terms and `classes` classes.
    pub fn new(terms: usize, classes: usize) -> Self {
        let mut counts = Self::without_terms(0, vec![0; classes]);
        counts.totals = vec![TermCounts::default(); terms];
        counts.starts = vec![0; terms + 1];
        counts
    }

    /// Counts a matrix; `members[i]` lists the classes of document `i`. Documents without a list, and lists without a document, are left
    /// out.
    pub fn count(matrix: &DocumentTermMatrix, members: &[Vec<usize>], classes: usize) -> Self {
        let members = &members[..members.len().min(matrix.rows())];
        let mut class_documents = vec![0; classes];
        members.iter().flatten().for_each(|&class| class_documents[class] += 1);
        let mut counts = Self::without_terms(members.len() as u64, class_documents);
        let mut row = TermRow::new(classes);
        for documents in matrix.transposed().iter() {
            row.clear();
            for (document, count) in documents.iter() {
                let Some(classes) = members.get(document.index()) else { continue };
                let of_document = TermCounts::of(count, 1);
                row.total += of_document;
                for &class in classes {
                    row.by_class[class] += of_document;
                }
            }
            counts.push_term(row.total, (0..).zip(row.by_class.iter().copied()));
        }
        counts
    }

    /// Counts to which terms are added, one by one.
    pub(crate) fn without_terms(documents: u64, class_documents: Vec<u64>) -> Self {
        Self {
            documents,
            class_documents,
            totals: Vec::new(),
            starts: vec![0],
            pair_classes: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Adds a term behind the others: its counts in all documents, and in classes, which must ascend.
    pub(crate) fn push_term(
        &mut self,
        total: TermCounts,
        by_class: impl IntoIterator<Item = (u32, TermCounts)>,
    ) {
        self.totals.push(total);
        for (class, counts) in by_class {
            if counts != TermCounts::default() {
                self.pair_classes.push(class);
                self.pairs.push(counts);
            }
        }
        self.starts.push(self.pairs.len());
    }

    /// Makes room for as many pairs more, and no more than these.
    pub(crate) fn reserve(&mut self, terms: usize, pairs: usize) {
        self.totals.reserve_exact(terms);
        self.starts.reserve_exact(terms);
        self.pair_classes.reserve_exact(pairs);
        self.pairs.reserve_exact(pairs);
    }

    /// The pairs of a term, in the order of their classes.
    fn pairs_of(&self, term: usize) -> impl Iterator<Item = (u32, TermCounts)> {
        let range = self.starts[term]..self.starts[term + 1];
        self.pair_classes[range.clone()].iter().copied().zip(self.pairs[range].iter().copied())
    }

    /// The counts of a pair.
    fn pair(&self, term: usize, class: usize) -> TermCounts {
        let range = self.starts[term]..self.starts[term + 1];
        let place = self.pair_classes[range.clone()].binary_search(&(class as u32));
        place.map_or_else(|_| TermCounts::default(), |place| self.pairs[range.start + place])
    }

    /// Writes the counts of a term over `row`.
    pub(crate) fn read_term(&self, term: usize, row: &mut TermRow) {
        row.clear();
        row.total = self.totals[term];
        self.pairs_of(term).for_each(|(class, counts)| row.by_class[class as usize] = counts);
    }

    /// What all terms add up to.
    pub(crate) fn totals(&self) -> Totals {
        let mut class_occurrences = vec![0; self.classes()];
        for (class, counts) in self.pair_classes.iter().zip(&self.pairs) {
            class_occurrences[*class as usize] += counts.occurrences;
        }
        Totals {
            terms: self.terms(),
            documents: self.documents,
            class_documents: self.class_documents.clone(),
            occurrences: self.totals.iter().map(|total| total.occurrences).sum(),
            class_occurrences,
        }
    }

    /// The counts of the terms `columns` alone.
    pub fn select(&self, columns: &[TermId]) -> Self {
        let mut selected = Self::without_terms(self.documents, self.class_documents.clone());
        for term in columns {
            selected.push_term(self.totals[term.index()], self.pairs_of(term.index()));
        }
        selected
    }

    /// Adds the counts of other documents.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.combine(other, u64::checked_add)
    }

    /// Takes away the counts of documents that were counted before.
    pub fn subtract(&mut self, other: &Self) -> Result<()> {
        self.combine(other, u64::checked_sub)
    }

    fn combine(&mut self, other: &Self, op: fn(u64, u64) -> Option<u64>) -> Result<()> {
        *self = self.combined(other, op).ok_or_else(|| {
            Error::data(
                "the counts of these documents do not belong to those of the others",
                "counts made with the same vocabulary and labels",
            )
        })?;
        Ok(())
    }

    fn combined(&self, other: &Self, op: fn(u64, u64) -> Option<u64>) -> Option<Self> {
        if self.classes() != other.classes() || self.terms() != other.terms() {
            return None;
        }
        let class_documents = self.class_documents.iter().zip(&other.class_documents);
        let class_documents = class_documents.map(|(&a, &b)| op(a, b)).collect::<Option<_>>()?;
        let mut out = Self::without_terms(op(self.documents, other.documents)?, class_documents);
        let [mut mine, mut theirs] = [self, other].map(|_| TermRow::new(self.classes()));
        for term in 0..self.terms() {
            self.read_term(term, &mut mine);
            other.read_term(term, &mut theirs);
            for (a, b) in mine.by_class.iter_mut().zip(&theirs.by_class) {
                *a = a.combined(*b, op)?;
            }
            let total = mine.total.combined(theirs.total, op)?;
            out.push_term(total, (0..).zip(mine.by_class.iter().copied()));
        }
        Some(out)
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.class_documents.len()
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.totals.len()
    }

    /// Number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Documents in a class.
    pub fn class_documents(&self, class: usize) -> u64 {
        self.class_documents[class]
    }

    /// Occurrences of a term in all documents.
    #[inline]
    pub fn total_occurrences(&self, term: usize) -> u64 {
        self.totals[term].occurrences
    }

    /// Occurrences of a term in a class.
    pub fn occurrences(&self, term: usize, class: usize) -> u64 {
        self.pair(term, class).occurrences
    }

    /// Documents that hold a term.
    #[inline]
    pub fn total_document_frequency(&self, term: usize) -> u64 {
        self.totals[term].documents
    }

    /// Documents of a class that hold a term.
    pub fn document_frequency(&self, term: usize, class: usize) -> u64 {
        self.pair(term, class).documents
    }

    /// Whether the counts can be those of documents; counts from a file are not trusted before.
    pub(crate) fn is_sound(&self) -> bool {
        let mut occurrences = self.totals.iter().map(|total| total.occurrences);
        let mut row = TermRow::new(self.classes());
        // What did not fit together in the file has no pairs.
        self.starts.len() == self.terms() + 1
            && occurrences.try_fold(0u64, u64::checked_add).is_some()
            && self.documents > 0
            && self.class_documents.iter().all(|&n| n <= self.documents)
            && (0..self.terms()).all(|t| {
                self.read_term(t, &mut row);
                let total = row.total;
                total.documents <= self.documents
                    && row.by_class.iter().zip(&self.class_documents).all(|(of_class, &size)| {
                        of_class.occurrences <= total.occurrences
                            && of_class.documents <= total.documents
                            && of_class.documents <= size
                            && total.documents - of_class.documents <= self.documents - size
                    })
            })
    }
}

/// The counts as a file holds them: arrays by term and class with a place for every pair.
#[derive(Deserialize)]
struct Dense {
    classes: u32,
    documents: u64,
    class_documents: Vec<u64>,
    term_occurrences: Vec<u64>,
    class_term_occurrences: NonZero,
    term_documents: Vec<u64>,
    class_term_documents: NonZero,
}

impl Serialize for ClassCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = |by_class, number| List { counts: self, by_class, number };
        let occurrences: fn(TermCounts) -> u64 = |counts| counts.occurrences;
        let documents: fn(TermCounts) -> u64 = |counts| counts.documents;
        let mut dense = serializer.serialize_struct("ClassCounts", 7)?;
        dense.serialize_field("classes", &(self.classes() as u32))?;
        dense.serialize_field("documents", &self.documents)?;
        dense.serialize_field("class_documents", &self.class_documents)?;
        dense.serialize_field("term_occurrences", &list(false, occurrences))?;
        dense.serialize_field("class_term_occurrences", &list(true, occurrences))?;
        dense.serialize_field("term_documents", &list(false, documents))?;
        dense.serialize_field("class_term_documents", &list(true, documents))?;
        dense.end()
    }
}

/// A number of every term, or of every term and class.
struct List<'c> {
    counts: &'c ClassCounts,
    by_class: bool,
    number: fn(TermCounts) -> u64,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { counts, by_class, number } = *self;
        let (terms, classes) = (counts.terms(), counts.classes());
        let mut row = TermRow::new(classes);
        let length = if by_class { terms * classes } else { terms };
        let mut list = serializer.serialize_seq(Some(length))?;
        for term in 0..terms {
            if by_class {
                counts.read_term(term, &mut row);
                row.by_class.iter().try_for_each(|&of| list.serialize_element(&number(of)))?;
            } else {
                list.serialize_element(&number(counts.totals[term]))?;
            }
        }
        list.end()
    }
}

/// What is not 0 of a long list of numbers: places and numbers.
struct NonZero {
    length: usize,
    numbers: Vec<(usize, u64)>,
}

impl<'de> Deserialize<'de> for NonZero {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = NonZero;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<NonZero, A::Error> {
                let mut read = NonZero { length: 0, numbers: Vec::new() };
                while let Some(number) = list.next_element()? {
                    if number != 0 {
                        read.numbers.push((read.length, number));
                    }
                    read.length += 1;
                }
                Ok(read)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl From<Dense> for ClassCounts {
    /// Arrays that do not fit together give counts that are not [sound](Self::is_sound).
    fn from(dense: Dense) -> Self {
        let (classes, terms) = (dense.class_documents.len(), dense.term_occurrences.len());
        let mut counts = Self::without_terms(dense.documents, dense.class_documents);
        let [occurrences, documents] = [dense.class_term_occurrences, dense.class_term_documents];
        let cells = terms.checked_mul(classes);
        let fits = dense.classes as usize == classes
            && dense.term_documents.len() == terms
            && [occurrences.length, documents.length].map(Some) == [cells; 2];
        if !fits {
            counts.totals = vec![TermCounts::default(); terms];
            counts.starts.clear();
            return counts;
        }
        let mut row = TermRow::new(classes);
        let (mut occurrences, mut documents) =
            (occurrences.numbers.into_iter().peekable(), documents.numbers.into_iter().peekable());
        let totals = dense.term_occurrences.into_iter().zip(dense.term_documents);
        for (term, (all_occurrences, all_documents)) in totals.enumerate() {
            let (start, end) = (term * classes, (term + 1) * classes);
            row.clear();
            while let Some((place, n)) = occurrences.next_if(|(place, _)| *place < end) {
                row.by_class[place - start].occurrences = n;
            }
            while let Some((place, n)) = documents.next_if(|(place, _)| *place < end) {
                row.by_class[place - start].documents = n;
            }
            let total = TermCounts { occurrences: all_occurrences, documents: all_documents };
            counts.push_term(total, (0..).zip(row.by_class.iter().copied()));
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    const TERMS: usize = 12;
    const CLASSES: usize = 5;

    /// The counts as arrays with a place for every pair: what they were before they were sparse, and what files hold.
    #[derive(Debug, PartialEq, Serialize)]
    struct Plain {
        classes: u32,
        documents: u64,
        class_documents: Vec<u64>,
        term_occurrences: Vec<u64>,
        class_term_occurrences: Vec<u64>,
        term_documents: Vec<u64>,
        class_term_documents: Vec<u64>,
    }

    fn plain(matrix: &DocumentTermMatrix, members: &[Vec<usize>]) -> Plain {
        let mut plain = Plain {
            classes: CLASSES as u32,
            documents: matrix.rows() as u64,
            class_documents: vec![0; CLASSES],
            term_occurrences: vec![0; TERMS],
            class_term_occurrences: vec![0; TERMS * CLASSES],
            term_documents: vec![0; TERMS],
            class_term_documents: vec![0; TERMS * CLASSES],
        };
        for (row, members) in matrix.iter().zip(members) {
            members.iter().for_each(|&class| plain.class_documents[class] += 1);
            for (term, count) in row.iter() {
                plain.term_occurrences[term.index()] += u64::from(count);
                plain.term_documents[term.index()] += 1;
                for class in members {
                    plain.class_term_occurrences[term.index() * CLASSES + class] +=
                        u64::from(count);
                    plain.class_term_documents[term.index() * CLASSES + class] += 1;
                }
            }
        }
        plain
    }

    type Document = (std::collections::BTreeMap<u32, u32>, std::collections::BTreeSet<usize>);

    fn documents() -> impl Strategy<Value = Vec<Document>> {
        let terms = proptest::collection::btree_map(0..TERMS as u32, 1u32..300, 0..6);
        vec((terms, btree_set(0..CLASSES, 0..3)), 0..30)
    }

    fn matrix(documents: &[Document]) -> (DocumentTermMatrix, Vec<Vec<usize>>) {
        let mut matrix = DocumentTermMatrix::new(TERMS);
        documents
            .iter()
            .for_each(|(terms, _)| matrix.push_row(terms.iter().map(|(&t, &c)| (t, c))));
        (matrix, documents.iter().map(|(_, members)| members.iter().copied().collect()).collect())
    }

    fn counted(documents: &[Document]) -> ClassCounts {
        let (matrix, members) = matrix(documents);
        ClassCounts::count(&matrix, &members, CLASSES)
    }

    proptest! {
        #[test]
        fn sparse_counts_are_the_plain_ones(documents in documents()) {
            let (matrix, members) = matrix(&documents);
            let plain = plain(&matrix, &members);
            let counts = ClassCounts::count(&matrix, &members, CLASSES);
            prop_assert_eq!(counts.documents(), plain.documents);
            for t in 0..TERMS {
                prop_assert_eq!(counts.total_occurrences(t), plain.term_occurrences[t]);
                prop_assert_eq!(counts.total_document_frequency(t), plain.term_documents[t]);
                for c in 0..CLASSES {
                    let cell = t * CLASSES + c;
                    prop_assert_eq!(counts.occurrences(t, c), plain.class_term_occurrences[cell]);
                    prop_assert_eq!(counts.document_frequency(t, c), plain.class_term_documents[cell]);
                }
            }
            prop_assert_eq!(counts.is_sound(), !documents.is_empty());
            let bytes = postcard::to_stdvec(&counts).unwrap();
            prop_assert_eq!(&bytes, &postcard::to_stdvec(&plain).unwrap());
            prop_assert_eq!(postcard::from_bytes::<ClassCounts>(&bytes).unwrap(), counts);
        }

        #[test]
        fn parts_add_up_and_come_off(documents in documents(), cut in any::<prop::sample::Index>()) {
            let (whole, cut) = (counted(&documents), cut.index(documents.len() + 1));
            let [first, second] = [&documents[..cut], &documents[cut..]].map(counted);
            let mut merged = first.clone();
            merged.merge(&second).unwrap();
            prop_assert_eq!(&merged, &whole);
            merged.subtract(&first).unwrap();
            prop_assert_eq!(merged, second);
            prop_assert!(documents.is_empty() || ClassCounts::new(TERMS, CLASSES).subtract(&whole).is_err());
        }
    }

    /// Arrays of a file that do not fit together give counts that nobody takes for sound.
    #[test]
    fn misfits_of_a_file_are_unsound() {
        let documents = [([(3, 2)].into(), [1].into())];
        let (matrix, members) = matrix(&documents);
        let sound = |change: fn(&mut Plain)| {
            let mut plain = plain(&matrix, &members);
            change(&mut plain);
            let bytes = postcard::to_stdvec(&plain).unwrap();
            postcard::from_bytes::<ClassCounts>(&bytes).unwrap().is_sound()
        };
        assert!(sound(|_| ()));
        assert!(!sound(|plain| plain.classes += 1));
        assert!(!sound(|plain| plain.class_documents.push(0)));
        assert!(!sound(|plain| plain.term_occurrences.push(0)));
        assert!(!sound(|plain| plain.term_documents.push(0)));
        assert!(!sound(|plain| plain.class_term_occurrences.push(0)));
        assert!(!sound(|plain| plain.class_term_documents.truncate(7)));
        assert!(!sound(|plain| plain.class_term_documents[3 * CLASSES + 1] = 2));
        // Of no terms.
        assert!(!sound(|plain| {
            plain.term_occurrences.clear();
            plain.term_documents.clear();
        }));
    }

    #[test]
    fn what_has_no_counterpart_is_left_out() {
        let documents = [([(3, 2)].into(), [1].into()), ([(3, 5), (4, 1)].into(), [0, 1].into())];
        let (both, mut members) = matrix(&documents);
        let (first, _) = matrix(&documents[..1]);
        let counts = counted(&documents[..1]);
        assert_eq!(ClassCounts::count(&first, &members, CLASSES), counts);
        members.truncate(1);
        assert_eq!(ClassCounts::count(&both, &members, CLASSES), counts);
    }
}
