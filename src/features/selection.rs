//! The terms that tell classes apart best.

use super::document_term_matrix::DocumentTermMatrix;
use crate::ids::TermId;

/// The `most` terms with the largest chi-squared statistic of presence against class (Yang and Pedersen 1997,
/// "A comparative study on feature selection in text categorization", section 2.4), taking the classes
/// in turn so that each has its terms. `members[i]` lists the classes of document `i`. Ascending; ties go to
/// the earlier term.
pub fn select_terms(
    matrix: &DocumentTermMatrix,
    members: &[Vec<usize>],
    classes: usize,
    most: usize,
) -> Vec<TermId> {
    let n = matrix.rows() as f64;
    let totals = matrix.document_frequencies();
    let mut rankings: Vec<std::vec::IntoIter<TermId>> = (0..classes)
        .map(|class| {
            let mut inside = vec![0u64; matrix.columns()];
            let mut size = 0.0;
            for (row, classes) in matrix.iter().zip(members) {
                if classes.contains(&class) {
                    size += 1.0;
                    for &term in row.terms {
                        inside[term as usize] += 1;
                    }
                }
            }
            let statistic = |t: usize| chi_squared(inside[t] as f64, totals[t] as f64, size, n);
            let mut scored: Vec<(f64, TermId)> =
                (0..matrix.columns()).map(|t| (statistic(t), TermId(t as u32))).collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            scored.into_iter().map(|(_, t)| t).collect::<Vec<_>>().into_iter()
        })
        .collect();
    let mut chosen = std::collections::BTreeSet::new();
    let wanted = most.min(matrix.columns());
    'all: while chosen.len() < wanted {
        for ranking in &mut rankings {
            if let Some(term) = ranking.find(|t| !chosen.contains(t)) {
                chosen.insert(term);
                if chosen.len() == wanted {
                    break 'all;
                }
            }
        }
        if classes == 0 {
            break;
        }
    }
    chosen.into_iter().collect()
}

/// Of a term in `inside` documents of a class of `size`, and in `total` of `n` documents.
fn chi_squared(inside: f64, total: f64, size: f64, n: f64) -> f64 {
    let (a, b) = (inside, total - inside);
    let (c, d) = (size - inside, n - size - (total - inside));
    let denominator = (a + c) * (b + d) * (a + b) * (c + d);
    if denominator == 0.0 { 0.0 } else { n * (a * d - c * b).powi(2) / denominator }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_terms_come_first() {
        let mut matrix = DocumentTermMatrix::new(3);
        matrix.push_row([(0, 1), (1, 1)]);
        matrix.push_row([(0, 1), (1, 1)]);
        matrix.push_row([(0, 1), (2, 1)]);
        matrix.push_row([(0, 1), (2, 1)]);
        let members = vec![vec![0], vec![0], vec![1], vec![1]];
        assert_eq!(select_terms(&matrix, &members, 2, 2), [TermId(1), TermId(2)]);
    }
}
