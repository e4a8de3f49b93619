//! What topics are about in the user's words: it counts as articles of the topic, and is never taken for one.

mod common;

use common::{articles, rows};
use rubrique::corpus::{LabelSet, TopicTerms};
use rubrique::features::DocumentLimits;
use rubrique::model::Task;
use rubrique::pipeline::{
    Algorithm, TrainSettings, Weighting, count_loaded, cross_validate, train,
};
use rubrique::report::{Report, ReportSource, Setup};
use rubrique::{Article, Classifier};

fn fit(articles: &[Article], settings: &TrainSettings) -> Classifier {
    let corpus = count_loaded(articles, &settings.analyzer, settings.zones).unwrap();
    train(corpus, settings).unwrap()
}

fn told<'a>(terms: impl IntoIterator<Item = (&'a str, &'a str)>) -> TrainSettings {
    let topic_terms = TopicTerms::new(terms.into_iter().map(|(topic, term)| (topic, term, 1)));
    TrainSettings { topic_terms: topic_terms.unwrap(), tune: false, ..TrainSettings::default() }
}

/// Words that are in no article of the corpus.
fn of_sport() -> TrainSettings {
    told(["tennis", "cyclisme", "championne olympique", "raquette"].map(|term| ("sport", term)))
}

const SPORT: &str =
    "La championne de tennis range sa raquette. Elle passe au cyclisme, dit la championne.";

/// Every kind of model, of topics and of one label.
fn every_kind(base: &TrainSettings) -> Vec<(bool, TrainSettings)> {
    use Algorithm::*;
    let mut out = Vec::new();
    for several in [true, false] {
        for algorithm in [Multinomial, Complement, Bernoulli, Gaussian] {
            out.push((several, TrainSettings { algorithm, ..base.clone() }));
        }
        out.push((several, TrainSettings { weighting: Weighting::TfIdf, ..base.clone() }));
        out.push((several, TrainSettings { refine: Some(false), ..base.clone() }));
    }
    // Several views, each with its own Naive Bayes, chosen by tuning.
    out.push((false, TrainSettings { tune: true, ..base.clone() }));
    out
}

fn p(classifier: &Classifier, label: &str, text: &str) -> f64 {
    let at = classifier.labels().iter().position(|name| name == label).unwrap();
    let classified = classifier.classify(&Article::new("", text));
    classified.prediction.expect("an article of words the model knows").probabilities[at]
}

#[test]
fn the_told_words_tell() {
    let text = "Le légat et le plénipotentiaire du tribunal ont voté au village.";
    let settings = told(["légat", "plénipotentiaire"].map(|term| ("diplomacy", term)));
    let untold = TrainSettings { topic_terms: TopicTerms::default(), ..settings.clone() };
    for several in [true, false] {
        let (with, without) = (
            fit(&articles(&rows(10, several)), &settings),
            fit(&articles(&rows(10, several)), &untold),
        );
        let (high, low) = (p(&with, "diplomacy", text), p(&without, "diplomacy", text));
        assert!(high > low + 0.1, "{several}: {high} {low}");
        assert!(with.vocabulary().get("légat").is_some(), "in no article, and known all the same");
        assert!(without.vocabulary().get("légat").is_none());
        // They are no articles.
        assert_eq!(with.card().articles, without.card().articles);
        for (a, b) in with.card().topics.iter().zip(&without.card().topics) {
            assert_eq!((&a.name, a.articles), (&b.name, b.articles));
        }
        assert_eq!(with.card().without_topic, without.card().without_topic);
    }
}

#[test]
fn weights_weigh() {
    let text = "Le légat du tribunal a voté au village.";
    let of_weight = |weight| {
        let terms = [("diplomacy", "légat", weight), ("diplomacy", "plénipotentiaire", 1)];
        let topic_terms = TopicTerms::new(terms).unwrap();
        let settings = TrainSettings { topic_terms, ..told([]) };
        p(&fit(&articles(&rows(10, false)), &settings), "diplomacy", text)
    };
    assert!(of_weight(9) > of_weight(1));
}

#[test]
fn a_topic_of_terms_alone_is_a_label_that_can_be_given() {
    for (several, settings) in every_kind(&of_sport()) {
        let corpus = articles(&rows(10, several));
        let classifier = fit(&corpus, &settings);
        let kind = format!("{several} {:?} {:?}", settings.algorithm, settings.weighting);
        assert_eq!(classifier.labels()[2], "sport");
        assert_eq!(classifier.card().topics[2].articles, 0, "{kind}");
        if classifier.task() == Task::AnyLabels {
            assert_eq!(classifier.rule().thresholds[2], 0.5, "{kind}");
        }
        let high = p(&classifier, "sport", SPORT);
        assert!(high.is_finite() && high > 0.0, "{kind}: {high}");
        let mut given = 0;
        for article in &corpus {
            let prediction = classifier.classify(article).prediction.unwrap();
            assert!(prediction.probabilities.iter().all(|p| p.is_finite()), "{kind}");
            assert!(
                prediction.probabilities[2] < high || settings.algorithm == Algorithm::Gaussian,
                "{kind}"
            );
            given += usize::from(prediction.labels.iter().any(|label| label.0 == 2));
        }
        assert!(given * 10 <= corpus.len(), "{kind}: given to {given} articles of other topics");
        let label_it = matches!(settings.algorithm, Algorithm::Auto | Algorithm::Multinomial);
        if label_it {
            let classified = classifier.classify(&Article::new("", SPORT));
            assert!(classifier.topics(&classified).contains(&"sport"), "{kind}: {high}");
        }
    }
}

#[test]
fn a_topic_of_terms_alone_goes_through_cross_validation() {
    for several in [true, false] {
        let validated =
            cross_validate(articles(&rows(10, several)), &of_sport(), 3, false, &|_| {}).unwrap();
        assert_eq!(validated.labels[2], "sport");
        let report = Report::new(ReportSource {
            labels: &validated.labels,
            task: validated.task,
            thresholds: &validated.thresholds,
            articles: &validated.articles,
            models: &validated.models,
            learning_curve: &[],
            second: None,
            near_duplicates: None,
            setup: Setup {
                command: String::new(),
                inputs: Vec::new(),
                model: String::new(),
                folds: Some(3),
                split: None,
                seed: 42,
                version: String::new(),
            },
        });
        assert_eq!(report.topics["sport"].support, 0);
    }
}

/// In the fold of a label's only article nothing at all is known of the label: it is given to none, and is no guess.
#[test]
fn a_label_that_a_fold_knows_nothing_of_is_not_guessed() {
    let mut corpus = articles(&rows(10, true));
    let labels = Some(LabelSet::parse("sport"));
    corpus.push(Article { labels, ..Article::new("Le marathon", common::OTHER[9]) });
    // Its words are in no other text: they are terms all the same.
    let limits = DocumentLimits { min_df: 1, max_df: 1.0 };
    let settings = TrainSettings { topic_terms: TopicTerms::default(), limits, ..of_sport() };
    let validated = cross_validate(corpus, &settings, 3, false, &|_| {}).unwrap();
    let articles = validated.articles.len();
    let judged: Vec<_> =
        validated.articles.into_iter().filter(|e| e.classified.prediction.is_some()).collect();
    // The articles that share its words are in its fold.
    assert!(judged.len() + 2 >= articles, "{} of {articles}", judged.len());
    for evaluated in judged {
        let prediction = evaluated.classified.prediction.unwrap();
        assert!(prediction.labels.iter().all(|label| label.0 != 2), "{}", evaluated.article.id);
        assert!(prediction.probabilities[2] > 0.0);
    }
}

#[test]
fn the_terms_stand_in_the_model() {
    let classifier = fit(&articles(&rows(10, true)), &of_sport());
    let bytes = classifier.to_bytes().unwrap();
    let back = Classifier::from_bytes(&bytes, "m.rubrique".as_ref()).unwrap();
    assert_eq!(back.settings().topic_terms, of_sport().topic_terms);
    assert!(back.to_bytes().unwrap() == bytes);
}

/// Too few articles to hold any back: plain Naive Bayes, which counts them too.
#[test]
fn a_handful_of_articles_is_enough_to_start() {
    let corpus = &articles(&rows(10, true))[..4];
    let classifier = fit(corpus, &of_sport());
    assert!(!classifier.card().cross_validated);
    assert_eq!(classifier.card().articles, 4);
    let labels = classifier.labels();
    assert!(labels.contains(&"sport".to_owned()) && labels.len() > 1, "{labels:?}");
    assert!(p(&classifier, "sport", SPORT) > 0.5);
}

#[test]
fn a_phrase_of_stop_words_is_refused() {
    let settings = told([("sport", "et de la")]);
    let corpus =
        count_loaded(&articles(&rows(10, true)), &settings.analyzer, settings.zones).unwrap();
    let error = train(corpus, &settings).map(drop).unwrap_err().to_string();
    assert!(error.contains("\"et de la\", a term of sport") && error.contains("try: "), "{error}");
}
