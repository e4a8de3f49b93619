//! Sets of labels that hold the truth at a stated rate: conformal prediction.
//!
//! Given `n` past cases of a kind, a new one ranks among them like any other. So its value is at or above the `k`-th largest of
//! theirs, `k = ⌈(n + 1) · coverage⌉`, with probability `coverage` or more, whatever the model and however wrong its probabilities
//! (Vovk, Gammerman, Shafer 2005, "Algorithmic learning in a random world", sections 2.2 and 4.5). Limits are taken for each label by
//! itself, so that rare labels are covered like frequent ones: label-conditional (Mondrian) conformal prediction, which for one label a
//! document are the smallest sets that do so (Sadinle, Lei, Wasserman 2019, "Least ambiguous set-valued classifiers
//! with bounded error levels", theorem 1). Of any number of topics, each is a task of its own with the classes `topic` and
//! `not the topic`; nothing is promised of all topics at once.
//!
//! The cases are out-of-fold predictions: cross-conformal (Vovk 2015, "Cross-conformal predictors"). Models of the folds and the
//! finished one differ a little, so the rate is close to the one stated rather than proven; the model's card has the rate measured.

use serde::{Deserialize, Serialize};

use super::scorer::Task;
use crate::ids::LabelId;

/// From which probabilities on labels cannot be ruled out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConformalLimits {
    /// Of the documents with a label, and of those without, the share for which that is not ruled out.
    pub coverage: f64,
    /// By label: the least probability at which it is possible; 0 where there were too few documents to ever rule it out.
    pub present_from: Vec<f64>,
    /// By topic: the largest probability at which its absence is possible; 1 where there were too few documents without it.
    /// Of no use, and 1, for one label a document.
    pub absent_to: Vec<f64>,
}

/// What cannot be ruled out for one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PossibleLabels {
    /// The labels, most probable first, equals in label order.
    pub labels: Vec<LabelId>,
    /// Those of them whose absence is ruled out, in the same order.
    pub certain: Vec<LabelId>,
    /// Whether it may be about none of the topics.
    pub none: bool,
}

impl PossibleLabels {
    /// Whether a single answer is left: one label, or for every topic either yes or no.
    pub fn is_single(&self) -> bool {
        self.labels == self.certain
    }

    /// Whether a document may have exactly these labels.
    pub fn admit(&self, labels: &[LabelId]) -> bool {
        let within = |some: &[LabelId], all: &[LabelId]| some.iter().all(|l| all.contains(l));
        within(labels, &self.labels) && within(&self.certain, labels)
    }
}

impl ConformalLimits {
    /// The limits that rule nothing out: those of a model of which nothing is known.
    pub fn none(coverage: f64, classes: usize) -> Self {
        Self { coverage, present_from: vec![0.0; classes], absent_to: vec![1.0; classes] }
    }

    /// Takes the limits from documents that the model had not seen: their probabilities, and the labels they have.
    ///
    /// ```
    /// use rubrique::model::{ConformalLimits, Task};
    /// let probabilities: Vec<[f64; 1]> = (1..=8).map(|i| [f64::from(i) / 10.0]).collect();
    /// // The topic belongs to those from 0.5 on.
    /// let members: Vec<&[usize]> = (1..=8).map(|i| if i >= 5 { &[0][..] } else { &[] }).collect();
    /// let documents = probabilities.iter().map(|p| &p[..]).zip(members);
    /// let limits = ConformalLimits::fit(Task::AnyLabels, 0.6, 1, documents);
    /// // ⌈(4 + 1) · 0.6⌉ = 3: the third largest of 0.5 to 0.8, the third smallest of 0.1 to 0.4.
    /// assert_eq!((limits.present_from[0], limits.absent_to[0]), (0.6, 0.3));
    /// ```
    pub fn fit<'d>(
        task: Task,
        coverage: f64,
        classes: usize,
        documents: impl Iterator<Item = (&'d [f64], &'d [usize])>,
    ) -> Self {
        let mut with = vec![Vec::new(); classes];
        let mut without = vec![Vec::new(); classes];
        for (probabilities, members) in documents {
            for (c, &p) in probabilities.iter().enumerate() {
                if members.contains(&c) {
                    with[c].push(p);
                } else if task == Task::AnyLabels {
                    without[c].push(-p);
                }
            }
        }
        let present_from = with.into_iter().map(|p| lower_limit(p, coverage).unwrap_or(0.0));
        let absent_to = without.into_iter().map(|p| lower_limit(p, coverage).map_or(1.0, |p| -p));
        Self { coverage, present_from: present_from.collect(), absent_to: absent_to.collect() }
    }

    /// What cannot be ruled out. The labels `given` always count as possible: a set never contradicts
    /// them and is never empty, which can only raise the coverage.
    pub fn possible(&self, task: Task, probabilities: &[f64], given: &[LabelId]) -> PossibleLabels {
        let is_given = |c: usize| given.contains(&LabelId(c as u32));
        let present = |c: usize| probabilities[c] >= self.present_from[c] || is_given(c);
        let absent = |c: usize| probabilities[c] <= self.absent_to[c] || !is_given(c);
        let classes = (0..probabilities.len()).filter(|&c| present(c));
        let mut labels: Vec<LabelId> = classes.map(|c| LabelId(c as u32)).collect();
        super::sort_by_probability(&mut labels, probabilities);
        let certain: Vec<LabelId> = match task {
            Task::OneLabel if labels.len() > 1 => Vec::new(),
            Task::OneLabel => labels.clone(),
            Task::AnyLabels => labels.iter().copied().filter(|l| !absent(l.index())).collect(),
        };
        let none = task == Task::AnyLabels && certain.is_empty();
        PossibleLabels { labels, certain, none }
    }

    pub(crate) fn is_sound(&self, classes: usize) -> bool {
        let sound =
            |limits: &[f64]| limits.len() == classes && limits.iter().all(|p| p.is_finite());
        sound(&self.present_from) && sound(&self.absent_to)
    }
}

/// The largest limit that a value like these is at or above with probability `share`: the `⌈(n + 1) · share⌉`-th largest.
/// `None` where there are too few values for any.
pub(super) fn lower_limit(mut values: Vec<f64>, share: f64) -> Option<f64> {
    // 0.95 and the like have no exact binary form; what they lack must not ask for one value more.
    let rank = ((values.len() + 1) as f64 * share - 1e-9).ceil().max(1.0) as usize;
    values.sort_by(|a, b| b.total_cmp(a));
    values.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A linear congruential generator (Knuth's MMIX constants): the same numbers on every machine.
    struct Uniform(u64);

    impl Uniform {
        fn next(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1u64 << 53) as f64
        }

        /// A document of two topics, the second one rare, judged by a model that is noisy and far too sure.
        fn topics(&mut self) -> (Vec<f64>, Vec<usize>) {
            let mut probabilities = Vec::new();
            let mut members = Vec::new();
            for (c, share) in [0.4, 0.1].into_iter().enumerate() {
                let is_member = self.next() < share;
                let noise = self.next() + self.next() + self.next() - 1.5;
                let centre = if is_member { 0.5 } else { -0.5 };
                probabilities.push(super::super::sigmoid(9.0 * (centre + noise)));
                if is_member {
                    members.push(c);
                }
            }
            (probabilities, members)
        }

        /// A document of one of three classes.
        fn classes(&mut self) -> (Vec<f64>, Vec<usize>) {
            let truth = match self.next() {
                u if u < 0.6 => 0,
                u if u < 0.9 => 1,
                _ => 2,
            };
            let scores: Vec<f64> =
                (0..3).map(|c| 4.0 * self.next() + if c == truth { 1.5 } else { 0.0 }).collect();
            let total = super::super::log_sum_exp(&scores);
            (scores.iter().map(|s| (s - total).exp()).collect(), vec![truth])
        }
    }

    fn fit(
        task: Task,
        coverage: f64,
        classes: usize,
        data: &[(Vec<f64>, Vec<usize>)],
    ) -> ConformalLimits {
        ConformalLimits::fit(task, coverage, classes, data.iter().map(|(p, m)| (&p[..], &m[..])))
    }

    /// Five standard deviations of the binomial, of calibration and test sample together.
    fn tolerance(coverage: f64, calibration: usize, test: usize) -> f64 {
        5.0 * (coverage * (1.0 - coverage) * (1.0 / calibration as f64 + 1.0 / test as f64)).sqrt()
    }

    /// Exchangeable documents are covered at the stated rate, class by class, though the probabilities are wrong.
    #[test]
    fn the_stated_coverage_is_kept_for_every_topic_and_its_absence() {
        let mut random = Uniform(42);
        let past: Vec<_> = (0..5_000).map(|_| random.topics()).collect();
        let new: Vec<_> = (0..20_000).map(|_| random.topics()).collect();
        for coverage in [0.8, 0.95] {
            let limits = fit(Task::AnyLabels, coverage, 2, &past);
            for c in 0..2 {
                let of = |data: &[(Vec<f64>, Vec<usize>)], member: bool| -> Vec<f64> {
                    data.iter().filter(|d| d.1.contains(&c) == member).map(|d| d.0[c]).collect()
                };
                for is_member in [true, false] {
                    let cases = of(&new, is_member);
                    let covered = cases.iter().filter(|&&p| match is_member {
                        true => p >= limits.present_from[c],
                        false => p <= limits.absent_to[c],
                    });
                    let rate = covered.count() as f64 / cases.len() as f64;
                    let most = tolerance(coverage, of(&past, is_member).len(), cases.len());
                    assert!((rate - coverage).abs() < most, "{c} {is_member} {rate} ± {most}");
                }
            }
        }
    }

    #[test]
    fn the_stated_coverage_is_kept_for_every_class() {
        let mut random = Uniform(7);
        let past: Vec<_> = (0..5_000).map(|_| random.classes()).collect();
        let new: Vec<_> = (0..20_000).map(|_| random.classes()).collect();
        let limits = fit(Task::OneLabel, 0.9, 3, &past);
        for c in 0..3 {
            let cases: Vec<f64> = new.iter().filter(|d| d.1[0] == c).map(|d| d.0[c]).collect();
            let covered = cases.iter().filter(|&&p| p >= limits.present_from[c]).count();
            let rate = covered as f64 / cases.len() as f64;
            let calibration = past.iter().filter(|d| d.1[0] == c).count();
            assert!((rate - 0.9).abs() < tolerance(0.9, calibration, cases.len()), "{c} {rate}");
        }
    }

    #[test]
    fn what_too_few_documents_show_is_never_ruled_out() {
        // 19 values are the least for 95 %: ⌈20 · 0.95⌉ = 19.
        let values = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
        assert_eq!(lower_limit(values(18), 0.95), None);
        assert_eq!(lower_limit(values(19), 0.95), Some(1.0));
        let limits = fit(Task::OneLabel, 0.95, 2, &[(vec![0.9, 0.1], vec![0])]);
        assert_eq!(limits, ConformalLimits::none(0.95, 2));
        let possible = limits.possible(Task::OneLabel, &[1.0, 0.0], &[LabelId(0)]);
        assert_eq!(possible.labels, [LabelId(0), LabelId(1)]);
        assert!(!possible.is_single() && !possible.none);
    }

    #[test]
    fn the_labels_given_are_always_possible() {
        let limits = ConformalLimits {
            coverage: 0.8,
            present_from: vec![0.3, 0.7],
            absent_to: vec![0.6, 0.2],
        };
        let of = |p: [f64; 2], given: &[u32]| {
            let given: Vec<LabelId> = given.iter().map(|&c| LabelId(c)).collect();
            let possible = limits.possible(Task::AnyLabels, &p, &given);
            assert!(possible.admit(&given), "{p:?}");
            let labels: Vec<u32> = possible.labels.iter().map(|label| label.0).collect();
            (labels, possible.none, possible.is_single())
        };
        assert_eq!(of([0.1, 0.1], &[]), (vec![], true, true));
        assert_eq!(of([0.9, 0.1], &[0]), (vec![0], false, true));
        // Either answer on the first topic.
        assert_eq!(of([0.5, 0.1], &[0]), (vec![0], true, false));
        assert_eq!(of([0.5, 0.1], &[]), (vec![0], true, false));
        // Neither answer is within the limits of the second one: what was given stands.
        assert_eq!(of([0.1, 0.5], &[1]), (vec![1], false, true));
        assert_eq!(of([0.1, 0.5], &[]), (vec![], true, true));
    }

    proptest! {
        /// Of the documents that the limits are taken from, at least the stated share is covered, whatever their
        /// probabilities; and who asks for more coverage gets no smaller sets.
        #[test]
        fn limits_cover_their_own_documents_and_grow_with_the_coverage(
            data in prop::collection::vec((0.0..=1.0f64, any::<bool>()), 0..60),
            low in 0.05..0.95f64,
            more in 0.0..0.04f64,
        ) {
            let data: Vec<(Vec<f64>, Vec<usize>)> =
                data.iter().map(|&(p, y)| (vec![p], if y { vec![0] } else { vec![] })).collect();
            let limits = fit(Task::AnyLabels, low, 1, &data);
            for is_member in [true, false] {
                let cases = data.iter().filter(|d| d.1.contains(&0) == is_member);
                let covered = cases.clone().filter(|d| match is_member {
                    true => d.0[0] >= limits.present_from[0],
                    false => d.0[0] <= limits.absent_to[0],
                });
                prop_assert!(covered.count() as f64 >= low * cases.count() as f64 - 1e-6);
            }
            let wider = fit(Task::AnyLabels, low + more, 1, &data);
            prop_assert!(wider.present_from[0] <= limits.present_from[0]);
            prop_assert!(wider.absent_to[0] >= limits.absent_to[0]);
        }
    }
}
