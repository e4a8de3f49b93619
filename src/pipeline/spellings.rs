//! Which articles wrote which accented words, by the spelling without accents.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::features::DocumentTermMatrix;

/// Spellings without accents of accented words, by article. A model learns from them what a text without accents means; and because it is
/// known which articles had them, they go with these, and those of too few articles are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spellings {
    /// Each spelling with the column of the term that the accented form gave, ascending.
    pub forms: Vec<(Box<str>, u32)>,
    /// Articles by spellings; every count is 1.
    pub matrix: DocumentTermMatrix,
}

impl Spellings {
    /// The spellings of the articles `rows`, in that order.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { forms: self.forms.clone(), matrix: self.matrix.select_rows(rows) }
    }

    /// The same with the terms in other columns; `column` keeps the order of terms.
    pub(super) fn with_columns(self, column: &[u32]) -> Self {
        let moved = |(form, term): (Box<str>, u32)| (form, column[term as usize]);
        Self { forms: self.forms.into_iter().map(moved).collect(), ..self }
    }

    /// Two of them, both over the forms of both. The terms of both must have the same columns.
    pub(super) fn aligned(self, other: Self) -> [Self; 2] {
        let forms: Vec<(Box<str>, u32)> = self
            .forms
            .iter()
            .chain(&other.forms)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect();
        [self, other].map(|part| {
            if part.forms.len() == forms.len() {
                return part;
            }
            let place = |form| forms.binary_search(form).unwrap_or(0) as u32;
            let places: Vec<u32> = part.forms.iter().map(place).collect();
            let mut matrix = DocumentTermMatrix::new(forms.len());
            for row in part.matrix.iter() {
                matrix.push_row(row.iter().map(|(form, count)| (places[form.index()], count)));
            }
            Self { forms: forms.clone(), matrix }
        })
    }

    /// Whether the parts fit together and to a number of articles and terms.
    pub(super) fn is_sound(&self, articles: usize, terms: usize) -> bool {
        self.matrix.rows() == articles
            && self.matrix.columns() == self.forms.len()
            && self.matrix.is_sound()
            && self.forms.windows(2).all(|pair| pair[0] < pair[1])
            && self.forms.iter().all(|(_, term)| (*term as usize) < terms)
    }
}
