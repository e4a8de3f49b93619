//! What is wrong with rows of the input, said with their place.

use std::sync::{Mutex, PoisonError};

use rubrique::Article;

/// Rows that are told one by one; more are counted.
const MOST: usize = 20;

/// Collects the problems of the articles that pass.
#[derive(Default)]
pub(crate) struct Problems(Mutex<(Vec<String>, usize)>);

impl Problems {
    /// Notes what is wrong with an article, if anything is.
    pub(crate) fn note(&self, article: &Article) {
        let Article { problem: Some(problem), place, .. } = article else { return };
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.1 += 1;
        if noted.0.len() < MOST {
            noted.0.push(format!("{place}: {problem}"));
        }
    }

    /// Tells them.
    pub(crate) fn report(&self) {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for problem in &noted.0 {
            eprintln!("warning: {problem}");
        }
        if noted.1 > noted.0.len() {
            eprintln!("warning: {} more rows like these", noted.1 - noted.0.len());
        }
    }
}
