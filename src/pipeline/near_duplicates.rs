//! Articles that are one text: copies, shortened copies, rewordings of one dispatch.
//!
//! Candidates come from locality-sensitive hashing of weighted MinHash signatures, so that time grows little faster than the number of
//! articles; each is then compared exactly. The pairs that are alike make a graph, and star clustering (Aslam, Pelekhov, Rus 2004, "The star
//! clustering algorithm for static and dynamic information organization") takes it apart: every member is like the centre, so that a
//! chain of small changes does not lead from one story to the next.

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::counted_corpus::CountedCorpus;
use crate::features::{DocumentTermMatrix, EarlyDraws, Similarity};
use crate::ids::TermId;
use crate::text::View;

/// From here on two articles are one text. Measured on 4,632 articles of two corpora and on 25 rewordings of three dispatches: the rewordings reach 0.55
/// with their nearest and 0.50 with their centre, articles of different writers on one event at most 0.35; in between are follow-ups that repeat
/// half of the earlier article, which reach 0.5.
const ALIKE: f64 = 0.5;
/// An article as like as this to what most members of a cluster share is one of them.
const LIKE_CORE: f64 = 0.45;
/// Nothing that is less like the centre is a member: a cluster does not drift.
const LIKE_CENTRE: f64 = 0.4;
/// Members from which on what most of them share says more than any one of them.
const LEAST_CORE: usize = 3;
/// Pairs less alike than this are forgotten.
const RELATED: f64 = 0.3;
/// Signatures are cut into bands of so many positions: two articles with a Jaccard index of `j` meet in one of the bands with the probability
/// 1 - (1 - j^3)^128, which is 0.97 for 0.3 and 0.0035 for 0.03.
const ROWS: usize = 3;
const BANDS: usize = 128;
/// Bands that are looked at together: they stand side by side in memory.
const ABREAST: usize = 8;
/// Where articles meet in a band, the first is compared with all and each with so many that follow it: the work stays in proportion to the articles
/// even where one text comes ten thousand times.
const WINDOW: usize = 64;
/// Texts from which on it is worth knowing where a term draws early.
const OFTEN: u64 = 4;

/// Clusters of near-duplicates among the articles of a corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NearDuplicates {
    /// The clusters, each of two articles or more, by their first article.
    pub clusters: Vec<Cluster>,
}

/// How many near-duplicates there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearDuplicateCounts {
    /// Clusters of two articles or more.
    pub clusters: u64,
    /// Articles in clusters.
    pub articles: u64,
}

impl NearDuplicateCounts {
    /// Counts the keys that several articles share.
    pub(super) fn of_keys(keys: &[u64]) -> Self {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        let mut out = Self::default();
        for same in keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
            out.clusters += 1;
            out.articles += same.len() as u64;
        }
        out
    }
}

/// One text in several articles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// The articles, by number, ascending.
    pub articles: Vec<usize>,
    /// How like each is to the centre, 0 to 1; the centre itself has 1.
    pub similarities: Vec<f64>,
}

impl NearDuplicates {
    /// Finds the clusters of a corpus. The result depends on the articles and on their order, which
    /// [`canonical`](CountedCorpus::canonical) makes depend on the articles alone; not on threads, labels or counts.
    pub fn find(corpus: &CountedCorpus) -> Self {
        let is_word = |t: &u32| View::of(&corpus.terms[*t as usize]) == View::Words;
        let words: Vec<TermId> =
            (0..corpus.terms.len() as u32).filter(is_word).map(TermId).collect();
        let matrix = if words.is_empty() || words.len() == corpus.terms.len() {
            corpus.matrix.clone()
        } else {
            corpus.matrix.select_columns(&words)
        };
        let (distinct, first) = distinct_rows(&matrix);
        let texts = matrix.select_rows(&first);
        let similarity = Similarity::new(&texts);
        let pairs = alike_pairs(&texts, &similarity);
        let clusters = Stars::new(&texts, &similarity, &pairs).clusters();
        Self::expand(&clusters, &distinct, first.len())
    }

    /// From clusters of distinct texts, each a text and its similarity, to clusters of articles.
    fn expand(clusters: &[Vec<(usize, f64)>], distinct: &[usize], texts: usize) -> Self {
        let mut articles_of = vec![Vec::new(); texts];
        for (article, &text) in distinct.iter().enumerate() {
            articles_of[text].push(article);
        }
        let mut is_clustered = vec![false; texts];
        let mut out = Vec::new();
        for cluster in clusters {
            let mut members = Vec::new();
            for &(text, similarity) in cluster {
                is_clustered[text] = true;
                members.extend(articles_of[text].iter().map(|&article| (article, similarity)));
            }
            out.push(members);
        }
        for text in (0..texts).filter(|&t| !is_clustered[t] && articles_of[t].len() > 1) {
            out.push(articles_of[text].iter().map(|&article| (article, 1.0)).collect());
        }
        let mut clusters: Vec<Cluster> = out
            .into_iter()
            .map(|mut members| {
                members.sort_by_key(|member| member.0);
                let (articles, similarities) = members.into_iter().unzip();
                Cluster { articles, similarities }
            })
            .collect();
        clusters.sort_by_key(|cluster| cluster.articles[0]);
        Self { clusters }
    }

    /// How many there are.
    pub fn counts(&self) -> NearDuplicateCounts {
        let articles = self.clusters.iter().map(|cluster| cluster.articles.len() as u64).sum();
        NearDuplicateCounts { clusters: self.clusters.len() as u64, articles }
    }

    /// The keys of articles with those of a cluster joined: all its articles get the smallest of theirs.
    pub fn join(&self, keys: &[u64]) -> Vec<u64> {
        let mut joined = keys.to_vec();
        for cluster in &self.clusters {
            let key = cluster.articles.iter().map(|&i| keys[i]).min().unwrap_or_default();
            for &article in &cluster.articles {
                joined[article] = key;
            }
        }
        joined
    }
}

/// The number of the text of each row, rows with the same terms being one text, and the first row of each text. Rows without terms are texts of
/// their own: nothing says that they are alike.
fn distinct_rows(matrix: &DocumentTermMatrix) -> (Vec<usize>, Vec<usize>) {
    let mut texts: HashMap<&[u32], usize, foldhash::fast::FixedState> = HashMap::default();
    let (mut distinct, mut first) = (Vec::with_capacity(matrix.rows()), Vec::new());
    for i in 0..matrix.rows() {
        let terms = matrix.row(i).terms;
        let next = first.len();
        let text = if terms.is_empty() { next } else { *texts.entry(terms).or_insert(next) };
        if text == next {
            first.push(i);
        }
        distinct.push(text);
    }
    (distinct, first)
}

/// Pairs of texts that are related, ascending, with their similarity.
fn alike_pairs(texts: &DocumentTermMatrix, similarity: &Similarity) -> Vec<(u32, u32, f64)> {
    let texts_of = texts.document_frequencies();
    let early: Vec<Option<EarlyDraws>> = (0..texts.columns() as u32)
        .into_par_iter()
        .map(|term| {
            let is_worth_it = texts_of[term as usize] >= OFTEN;
            is_worth_it.then(|| similarity.early_draws(term, (ROWS * BANDS) as u16))
        })
        .collect();
    let signatures: Vec<Vec<u32>> = (0..texts.rows())
        .into_par_iter()
        .map(|i| similarity.signature_by(texts.row(i).terms, ROWS * BANDS, &early))
        .collect();
    let with_terms: Vec<u32> =
        (0..texts.rows() as u32).filter(|&i| !texts.row(i as usize).terms.is_empty()).collect();
    let mut pairs: Vec<(u32, u32, f64)> = (0..BANDS / ABREAST)
        .into_par_iter()
        .flat_map_iter(|bands| {
            let mut found = Vec::new();
            let mut orders: [Vec<u128>; ABREAST] = Default::default();
            for &i in &with_terms {
                let parts = signatures[i as usize].as_chunks::<ROWS>().0;
                let parts = &parts[bands * ABREAST..(bands + 1) * ABREAST];
                for (order, part) in orders.iter_mut().zip(parts) {
                    let packed =
                        part.iter().fold(0, |packed, &term| packed << 32 | u128::from(term));
                    order.push(packed << 32 | u128::from(i));
                }
            }
            for order in &mut orders {
                order.sort_unstable();
                for same in order.chunk_by(|a, b| a >> 32 == b >> 32) {
                    for (at, &a) in same.iter().enumerate() {
                        let most = if at == 0 { same.len() } else { WINDOW };
                        for &b in same[at + 1..].iter().take(most) {
                            let [a, b] = [a as u32, b as u32];
                            let [a_terms, b_terms] = [a, b].map(|i| texts.row(i as usize).terms);
                            let how = similarity.of(a_terms, b_terms);
                            if how >= RELATED {
                                found.push((a, b, how));
                            }
                        }
                    }
                }
            }
            found
        })
        .collect();
    pairs.par_sort_unstable_by_key(|&(a, b, _)| (a, b));
    pairs.dedup_by_key(|&mut (a, b, _)| (a, b));
    pairs
}

/// Star clustering of texts by their related pairs.
struct Stars<'t> {
    texts: &'t DocumentTermMatrix,
    similarity: &'t Similarity,
    /// By text: those related to it, with how alike they are.
    related: Vec<Vec<(usize, f64)>>,
}

impl<'t> Stars<'t> {
    fn new(
        texts: &'t DocumentTermMatrix,
        similarity: &'t Similarity,
        pairs: &[(u32, u32, f64)],
    ) -> Self {
        let mut related = vec![Vec::new(); texts.rows()];
        for &(a, b, how) in pairs {
            related[a as usize].push((b as usize, how));
            related[b as usize].push((a as usize, how));
        }
        Self { texts, similarity, related }
    }

    /// The clusters, each with its centre first.
    fn clusters(&self) -> Vec<Vec<(usize, f64)>> {
        let mut stars = self.stars();
        let mut star_of: HashMap<usize, usize, foldhash::fast::FixedState> = HashMap::default();
        for (number, star) in stars.iter().enumerate() {
            star_of.extend(star.iter().map(|&(text, _)| (text, number)));
        }
        // What most members share is set before anything joins: a cluster does not drift by what joins it.
        for number in 0..stars.len() {
            if stars[number].len() < LEAST_CORE {
                continue;
            }
            let core = self.core(&stars[number]);
            let around: std::collections::BTreeSet<usize> = stars[number]
                .iter()
                .flat_map(|&(member, _)| &self.related[member])
                .map(|&(text, _)| text)
                .filter(|text| star_of.get(text).is_none_or(|&other| other > number))
                .collect();
            let centre = stars[number][0].0;
            for text in around {
                let terms = self.texts.row(text).terms;
                let how = self.similarity.of(terms, self.texts.row(centre).terms);
                if how < LIKE_CENTRE || self.similarity.of(terms, &core) < LIKE_CORE {
                    continue;
                }
                if let Some(other) = star_of.insert(text, number) {
                    stars[other].retain(|&(member, _)| member != text);
                }
                stars[number].push((text, how));
            }
        }
        stars.retain(|star| star.len() > 1);
        stars
    }

    /// Takes the text that is most like its neighbours as a centre, with those of them that are free, as long as there are any.
    fn stars(&self) -> Vec<Vec<(usize, f64)>> {
        let alike = |text: usize| self.related[text].iter().filter(|(_, how)| *how >= ALIKE);
        let mut order: Vec<(f64, usize)> = (0..self.texts.rows())
            .map(|text| (alike(text).map(|(_, how)| how).sum::<f64>(), text))
            .filter(|(sum, _)| *sum > 0.0)
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut is_free = vec![true; self.texts.rows()];
        let mut stars = Vec::new();
        for (_, centre) in order {
            if !is_free[centre] {
                continue;
            }
            let free: Vec<(usize, f64)> =
                alike(centre).filter(|(text, _)| is_free[*text]).copied().collect();
            if free.is_empty() {
                continue;
            }
            is_free[centre] = false;
            free.iter().for_each(|(text, _)| is_free[*text] = false);
            stars.push([vec![(centre, 1.0)], free].concat());
        }
        stars
    }

    /// The terms that more than half of the texts have, ascending.
    fn core(&self, star: &[(usize, f64)]) -> Vec<u32> {
        let mut terms: Vec<u32> =
            star.iter().flat_map(|&(text, _)| self.texts.row(text).terms).copied().collect();
        terms.sort_unstable();
        let shared = terms.chunk_by(|a, b| a == b).filter(|same| 2 * same.len() > star.len());
        shared.map(|same| same[0]).collect()
    }
}
