//! Our sparse models against linfa-bayes' dense ones, and against numbers computed by scikit-learn.
//!
//! linfa-bayes 0.8.1 leaves a `dbg!` in the multinomial `fit`, so matrices are kept tiny.

use std::collections::HashMap;

use linfa::traits::{Fit, Predict, PredictInplace};
use linfa::{DatasetBase, ParamGuard};
use linfa_bayes::{BernoulliNb, GaussianNb, MultinomialNb, NaiveBayes};
use ndarray::{Array1, Array2, ArrayView2, array};
use proptest::prelude::*;

use rubrique::features::{DocumentTermMatrix, TfIdf};
use rubrique::ids::LabelId;
use rubrique::model::{
    ClassCounts, ConformalLimits, DecisionRule, GaussianParams, Kind, NaiveBayesParams, Priors,
    SparseNaiveBayes, Task,
};

const TOLERANCE: f64 = 1e-9;

/// Counts of documents by terms, with a label for each document; every label occurs.
#[derive(Clone, Debug)]
struct Sample {
    counts: Vec<Vec<u32>>,
    labels: Vec<usize>,
    classes: usize,
    alpha: f64,
}

fn samples() -> impl Strategy<Value = Sample> {
    (2usize..5, 1usize..9, 0usize..8, prop::sample::select(vec![0.01, 0.1, 0.5, 1.0, 2.5]))
        .prop_flat_map(|(classes, terms, more, alpha)| {
            // Mostly zeros, some counts, now and then a large one.
            let count = prop_oneof![6 => Just(0u32), 3 => 1u32..5, 1 => 50u32..400];
            let row = prop::collection::vec(count, terms);
            let counts = prop::collection::vec(row, classes + more);
            let others = prop::collection::vec(0..classes, more);
            (counts, others).prop_map(move |(counts, others)| Sample {
                counts,
                labels: (0..classes).chain(others).collect(),
                classes,
                alpha,
            })
        })
}

fn sparse(counts: &[Vec<u32>]) -> DocumentTermMatrix {
    let mut matrix = DocumentTermMatrix::new(counts[0].len());
    for row in counts {
        let entries = row.iter().enumerate().filter(|(_, count)| **count > 0);
        matrix.push_row(entries.map(|(term, &count)| (term as u32, count)));
    }
    matrix
}

fn dense(counts: &[Vec<u32>], binary: bool) -> Array2<f64> {
    Array2::from_shape_fn((counts.len(), counts[0].len()), |(i, j)| {
        let count = counts[i][j];
        f64::from(if binary { count.min(1) } else { count })
    })
}

fn fit(kind: Kind, alpha: f64, priors: Priors, sample: &Sample) -> SparseNaiveBayes {
    let targets: Array1<LabelId> = sample.labels.iter().map(|&l| LabelId(l as u32)).collect();
    let data = DatasetBase::new(sparse(&sample.counts), targets);
    let params = NaiveBayesParams::new(kind).alpha(alpha).priors(priors);
    params.fit(&data).expect("sound parameters and data")
}

/// Both of our ways to a joint log-likelihood, held against the oracle's.
fn same_joint(
    ours: &SparseNaiveBayes,
    oracle: &HashMap<&usize, Array1<f64>>,
    sample: &Sample,
    records: ArrayView2<f64>,
) -> Result<(), TestCaseError> {
    let matrix = sparse(&sample.counts);
    let by_trait = NaiveBayes::joint_log_likelihood(ours, records);
    prop_assert_eq!(oracle.len(), sample.classes);
    prop_assert_eq!(by_trait.len(), sample.classes);
    for i in 0..matrix.rows() {
        let own = ours.joint_log_likelihood(matrix.row(i));
        for class in 0..sample.classes {
            let expected = oracle[&class][i];
            let through_trait = by_trait[&LabelId(class as u32)][i];
            for got in [own[class], through_trait] {
                let scale = 1.0_f64.max(expected.abs());
                prop_assert!(
                    (got - expected).abs() <= TOLERANCE * scale,
                    "document {i}, class {class}: {got} is not {expected}"
                );
            }
        }
    }
    Ok(())
}

/// linfa-bayes breaks ties by `HashMap` order: its choice counts only where the best two are apart.
fn same_predictions(
    ours: &SparseNaiveBayes,
    predicted: &Array1<usize>,
    oracle: &HashMap<&usize, Array1<f64>>,
    sample: &Sample,
) -> Result<(), TestCaseError> {
    let matrix = sparse(&sample.counts);
    let mut own = ours.default_target(&matrix);
    PredictInplace::predict_inplace(ours, &matrix, &mut own);
    for i in 0..matrix.rows() {
        let mut scores: Vec<f64> = oracle.values().map(|scores| scores[i]).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        if scores[0] - scores[1] > 1e-6 {
            prop_assert_eq!(own[i].index(), predicted[i], "document {}", i);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn multinomial_agrees_with_linfa_bayes(sample in samples()) {
        let records = dense(&sample.counts, false);
        let data = DatasetBase::new(records.view(), Array1::from(sample.labels.clone()));
        let oracle = MultinomialNb::<f64, usize>::params().alpha(sample.alpha).fit(&data).unwrap();
        let ours = fit(Kind::Multinomial, sample.alpha, Priors::Learned, &sample);
        let joint = oracle.joint_log_likelihood(records.view());
        same_joint(&ours, &joint, &sample, records.view())?;
        same_predictions(&ours, &oracle.predict(&records), &joint, &sample)?;
    }

    #[test]
    fn bernoulli_agrees_with_linfa_bayes(sample in samples()) {
        // linfa-bayes binarizes in fit and predict, but not in joint_log_likelihood.
        let binary = dense(&sample.counts, true);
        let records = dense(&sample.counts, false);
        let data = DatasetBase::new(records.view(), Array1::from(sample.labels.clone()));
        let oracle = BernoulliNb::<f64, usize>::params().alpha(sample.alpha).fit(&data).unwrap();
        let ours = fit(Kind::Bernoulli, sample.alpha, Priors::Learned, &sample);
        let joint = oracle.joint_log_likelihood(binary.view());
        // Ours takes the counts as they are: any number of occurrences is presence.
        same_joint(&ours, &joint, &sample, records.view())?;
        same_predictions(&ours, &oracle.predict(&records), &joint, &sample)?;
    }

    #[test]
    fn gaussian_agrees_with_linfa_bayes(sample in samples()) {
        let matrix = sparse(&sample.counts);
        // More columns than terms: all are selected, so the oracle's columns are the terms.
        let params = GaussianParams { columns: 100, var_smoothing: 1e-2 };
        let tf_idf = TfIdf::fit(&matrix.document_frequencies(), matrix.rows());
        let mut records = Array2::zeros((matrix.rows(), matrix.columns()));
        for (i, row) in matrix.iter().enumerate() {
            for (term, weight) in tf_idf.transform(row) {
                records[(i, term.index())] = weight;
            }
        }
        let fit_dense = |targets: Vec<usize>| {
            let data = DatasetBase::new(records.view(), Array1::from(targets));
            GaussianNb::<f64, usize>::params().var_smoothing(params.var_smoothing).fit(&data)
        };
        // Without any variance in the data the densities are infinite; neither side is of use then.
        prop_assume!(records.var_axis(ndarray::Axis(0), 0.0).iter().any(|v| *v > 1e-6));

        let members: Vec<Vec<usize>> = sample.labels.iter().map(|&l| vec![l]).collect();
        let one = params.fit(&matrix, &members, sample.classes, Task::OneLabel).unwrap();
        let any = params.fit(&matrix, &members, sample.classes, Task::AnyLabels).unwrap();
        let oracle = fit_dense(sample.labels.clone()).unwrap();
        let joint = oracle.joint_log_likelihood(records.view());
        let mut odds = Vec::new();
        for class in 0..sample.classes {
            let topic = fit_dense(sample.labels.iter().map(|&l| usize::from(l == class)).collect());
            let topic = topic.unwrap();
            let joint = topic.joint_log_likelihood(records.view());
            odds.push(&joint[&1] - &joint[&0]);
        }
        for i in 0..matrix.rows() {
            let (mut by_one, mut by_any) = (vec![0.0; sample.classes], vec![0.0; sample.classes]);
            one.score(matrix.row(i), &mut by_one);
            any.score(matrix.row(i), &mut by_any);
            for class in 0..sample.classes {
                // Scores are kept within a million, so that one column cannot decide alone for ever.
                let expected = joint[&class][i].clamp(-1e6, 1e6);
                prop_assert!((by_one[class] - expected).abs() <= TOLERANCE * expected.abs().max(1.0));
                let expected = odds[class][i].clamp(-1e6, 1e6);
                prop_assert!((by_any[class] - expected).abs() <= TOLERANCE * expected.abs().max(1.0));
            }
        }
    }

    /// Topics against the rest are two-class models: scores are differences of joint log-likelihoods.
    #[test]
    fn one_vs_rest_is_the_two_class_model(sample in samples()) {
        let matrix = sparse(&sample.counts);
        let members: Vec<Vec<usize>> = sample.labels.iter().map(|&l| vec![l]).collect();
        let counts = ClassCounts::count(&matrix, &members, sample.classes);
        for kind in [Kind::Multinomial, Kind::Bernoulli] {
            let params = NaiveBayesParams::new(kind).alpha(sample.alpha).check().unwrap();
            let topics = params.fit_one_vs_rest(&counts).unwrap();
            for class in 0..sample.classes {
                let two = Sample {
                    labels: sample.labels.iter().map(|&l| usize::from(l == class)).collect(),
                    classes: 2,
                    ..sample.clone()
                };
                let two = fit(kind, sample.alpha, Priors::Learned, &two);
                for row in matrix.iter() {
                    let joint = two.joint_log_likelihood(row);
                    let expected = joint[1] - joint[0];
                    let mut scores = vec![0.0; sample.classes];
                    topics.weights().score(row, &mut scores);
                    let got = scores[class] + topics.log_prior_odds()[class];
                    prop_assert!((got - expected).abs() <= TOLERANCE * expected.abs().max(1.0));
                }
            }
        }
    }
}

/// Six documents of three classes over five terms; what scikit-learn was given too.
fn small() -> Sample {
    Sample {
        counts: vec![
            vec![2, 1, 0, 0, 3],
            vec![1, 0, 0, 1, 0],
            vec![0, 0, 4, 1, 0],
            vec![0, 1, 2, 0, 0],
            vec![0, 0, 0, 2, 1],
            vec![1, 0, 0, 3, 0],
        ],
        labels: vec![0, 0, 1, 1, 2, 2],
        classes: 3,
        alpha: 1.0,
    }
}

/// The documents to judge; the last one holds none of the terms.
fn judged() -> DocumentTermMatrix {
    sparse(&[vec![1, 1, 0, 0, 0], vec![0, 0, 1, 2, 0], vec![3, 0, 0, 0, 7], vec![0; 5]])
}

fn assert_joint(model: &SparseNaiveBayes, expected: [[f64; 3]; 4]) {
    let matrix = judged();
    for (i, expected) in expected.iter().enumerate() {
        let got = model.joint_log_likelihood(matrix.row(i));
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12, "document {i}: {got} is not {expected}");
        }
    }
}

fn assert_proba(model: &SparseNaiveBayes, row: usize, expected: [f64; 3]) {
    for (got, expected) in model.predict_proba(judged().row(row)).iter().zip(expected) {
        assert!((got - expected).abs() < 1e-12, "document {row}: {got} is not {expected}");
    }
}

/// Source of this and the following numbers: scikit-learn 1.9.1 on the matrices of [`small`] and [`judged`],
/// `MultinomialNB(alpha=alpha).fit(X, y)`, then `predict_joint_log_proba(T)` and `predict_proba(T)`.
#[test]
fn multinomial_agrees_with_scikit_learn() {
    let model = fit(Kind::Multinomial, 1.0, Priors::Learned, &small());
    assert_joint(
        &model,
        [
            [-4.149069461911347, -5.535363823031238, -5.375278407684165],
            [-7.407165999932829, -5.4612558508775155, -4.969813299576001],
            [-12.885162252084571, -26.748105863283477, -19.01620698094866],
            [-1.0986122886681096, -1.0986122886681096, -1.0986122886681096],
        ],
    );
    assert_proba(&model, 1, [0.051433163675328145, 0.3600321457272971, 0.5885346905973745]);
    assert_joint(
        &fit(Kind::Multinomial, 0.3, Priors::Learned, &small()),
        [
            [-4.144909152941175, -6.542804425739545, -6.320353155519095],
            [-8.531731959878549, -5.487209522155126, -5.387369942366705],
            [-11.672305590008717, -35.65125831799242, -19.875631278955908],
            [-1.0986122886681096, -1.0986122886681096, -1.0986122886681096],
        ],
    );
}

/// `MultinomialNB(alpha=1.0, class_prior=[.2, .3, .5])`.
#[test]
#[allow(clippy::approx_constant)] // -ln 2, as scikit-learn prints it.
fn given_priors_agree_with_scikit_learn() {
    assert_joint(
        &fit(Kind::Multinomial, 1.0, Priors::Given(vec![0.2, 0.3, 0.5]), &small()),
        [
            [-4.659895085677338, -5.640724338689064, -4.969813299576001],
            [-7.91799162369882, -5.566616366535342, -4.564348191467836],
            [-13.395987875850562, -26.853466378941302, -18.610741872840492],
            [-1.6094379124341003, -1.2039728043259361, -0.6931471805599453],
        ],
    );
}

/// `ComplementNB(alpha=alpha)`, `norm=False`; it leaves the prior out.
#[test]
fn complement_agrees_with_scikit_learn() {
    let model = fit(Kind::Complement, 1.0, Priors::Learned, &small());
    assert_joint(
        &model,
        [
            [4.605170185988091, 3.688879454113936, 3.604138225658846],
            [3.1494663734960335, 5.095376522551346, 4.990432586778737],
            [23.025850929940454, 13.862943611198906, 16.582280766035325],
            [0.0, 0.0, 0.0],
        ],
    );
    assert_proba(&model, 0, [0.5657708628005659, 0.22630834512022635, 0.20792079207920816]);
    assert_joint(
        &fit(Kind::Complement, 0.3, Priors::Learned, &small()),
        [
            [5.081992232878088, 3.8857414746460623, 3.697570170451398],
            [2.8884322425271436, 5.932954680250567, 5.080234763520711],
            [25.409961164390438, 13.447453582070182, 16.68278412457034],
            [0.0, 0.0, 0.0],
        ],
    );
}

/// `BernoulliNB(alpha=alpha)`, which binarizes at 0; with `fit_prior=False` all classes are alike.
#[test]
fn bernoulli_agrees_with_scikit_learn() {
    let model = fit(Kind::Bernoulli, 1.0, Priors::Learned, &small());
    let expected = [
        [-3.7534179752515078, -5.545177444479561, -5.545177444479561],
        [-5.950642552587727, -3.3479528671433423, -4.446565155811451],
        [-3.7534179752515078, -6.643789733147671, -4.446565155811452],
        [-4.852030263919618, -4.446565155811452, -4.446565155811452],
    ];
    assert_joint(&model, expected);
    assert_proba(&model, 0, [0.7499999999999998, 0.12500000000000014, 0.12500000000000014]);
    // The three classes are equally frequent, so uniform priors are the learned ones.
    assert_joint(&fit(Kind::Bernoulli, 1.0, Priors::Uniform, &small()), expected);
    let rarer = Sample {
        counts: small().counts[1..].to_vec(),
        labels: small().labels[1..].to_vec(),
        ..small()
    };
    let uniform = fit(Kind::Bernoulli, 1.0, Priors::Uniform, &rarer);
    assert!((uniform.class_log_prior()[0] + 3f64.ln()).abs() < 1e-15);
    let learned = fit(Kind::Bernoulli, 1.0, Priors::Learned, &rarer);
    assert!((learned.class_log_prior()[0] - 0.2f64.ln()).abs() < 1e-15);
}

/// linfa-bayes 0.8.1 takes exp before subtracting the maximum: from about 110 tokens on its probabilities are
/// `[inf, inf]`. If this stops holding, the seam's warning can go.
#[test]
fn linfa_bayes_overflows_where_we_do_not() {
    let counts = vec![vec![10_000, 0, 3], vec![0, 10_000, 3]];
    let sample = Sample { counts: counts.clone(), labels: vec![0, 1], classes: 2, alpha: 1.0 };
    let records = dense(&counts, false);
    let data = DatasetBase::new(records.view(), Array1::from(sample.labels.clone()));
    let oracle = MultinomialNb::<f64, usize>::params().fit(&data).unwrap();
    // 10,000 tokens that speak for both classes.
    let judged = vec![vec![6_000, 4_000, 0]];
    let (probabilities, _) = oracle.predict_proba(dense(&judged, false).view());
    assert!(probabilities.iter().any(|p| !p.is_finite()), "linfa-bayes is mended");

    for kind in [Kind::Multinomial, Kind::Complement, Kind::Bernoulli] {
        let ours = fit(kind, 1.0, Priors::Learned, &sample);
        let probabilities = ours.predict_proba(sparse(&judged).row(0));
        assert!(probabilities.iter().all(|p| p.is_finite()), "{kind:?} {probabilities:?}");
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{kind:?}");
        // Presence alone says nothing here, counts say the first class.
        let expected = if kind == Kind::Bernoulli { 0.5 } else { 1.0 };
        assert!((probabilities[0] - expected).abs() < 1e-9, "{kind:?} {probabilities:?}");
    }
}

/// linfa-bayes lets `HashMap` order decide between equal scores; ours is the first label, every time.
#[test]
fn ties_go_by_label_order() {
    // One document of each class, all alike: every class is as likely as the others.
    let sample =
        Sample { counts: vec![vec![1, 2]; 8], labels: (0..8).collect(), classes: 8, alpha: 1.0 };
    let data = DatasetBase::new(sparse(&sample.counts), ());
    for kind in [Kind::Multinomial, Kind::Complement, Kind::Bernoulli] {
        for _ in 0..20 {
            let model = fit(kind, 1.0, Priors::Learned, &sample);
            let predicted: Array1<LabelId> = model.predict(&data);
            assert_eq!(predicted, Array1::from(vec![LabelId(0); 8]), "{kind:?}");
        }
    }
    let limits = ConformalLimits::none(0.95, 4);
    let rule = DecisionRule { task: Task::OneLabel, thresholds: vec![], accept_from: 0.0, limits };
    assert_eq!(rule.decide(vec![0.1, 0.3, 0.3, 0.3]).labels, [LabelId(1)]);
}

/// linfa-bayes' check passes an alpha of 0 and its models then panic or give NaN; ours refuses.
#[test]
fn alpha_must_be_a_number_above_0() {
    assert!(
        MultinomialNb::<f64, usize>::params().alpha(0.0).check().is_ok(),
        "linfa-bayes is mended"
    );
    for alpha in [0.0, -1.0, f64::NAN, f64::INFINITY, -0.0] {
        let params = NaiveBayesParams::new(Kind::Multinomial).alpha(alpha);
        assert!(params.check_ref().is_err(), "alpha {alpha}");
        let error = params.clone().check().unwrap_err().to_string();
        assert!(error.contains("alpha") && error.contains("above 0"), "{error}");
        // linfa's blanket impl lets unchecked parameters fit: it must check too.
        let data =
            DatasetBase::new(sparse(&small().counts), array![0, 0, 1, 1, 2, 2].mapv(LabelId));
        assert!(params.fit(&data).is_err(), "alpha {alpha}");
    }
    for priors in [vec![0.0, 1.0], vec![f64::NAN, 0.5], vec![-0.5, 0.5]] {
        let params = NaiveBayesParams::new(Kind::Bernoulli).priors(Priors::Given(priors.clone()));
        assert!(params.check().is_err(), "{priors:?}");
    }
    let two = NaiveBayesParams::new(Kind::Bernoulli).priors(Priors::Given(vec![0.5, 0.5]));
    let data = DatasetBase::new(sparse(&small().counts), array![0, 0, 1, 1, 2, 2].mapv(LabelId));
    assert!(two.fit(&data).is_err(), "two priors for three classes");
}
