//! Labels that exclude each other, told from short texts: words, characters and word classes joined in one model.

use std::path::Path;
use std::sync::LazyLock;

use rubrique::corpus::{LabelSet, ReadOptions, Reader};
use rubrique::pipeline::{
    Algorithm, CountedCorpus, TrainSettings, count_loaded, explain_article, train,
};
use rubrique::text::View;
use rubrique::{Article, Classifier};

/// The titles of the project's own corpus with their first topic, or `none`, as the only label.
fn titles() -> Vec<Article> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus.csv");
    let rows = Reader::open(&[path], &ReadOptions::default()).unwrap();
    rows.map(|row| {
        let article = row.unwrap();
        let labels = article.labels.unwrap_or_default();
        let label = labels.names().first().cloned().unwrap_or_else(|| "none".to_owned());
        Article { labels: Some(LabelSet::parse(&label)), ..Article::new("", &article.title) }
    })
    .collect()
}

fn counted(articles: &[Article], settings: &TrainSettings) -> CountedCorpus {
    count_loaded(articles, &settings.analyzer, settings.zones).unwrap()
}

fn trained(articles: &[Article], settings: &TrainSettings) -> Classifier {
    train(counted(articles, settings), settings).unwrap()
}

/// The model of all titles with the default settings, trained once.
static JOINED: LazyLock<Classifier> =
    LazyLock::new(|| trained(&titles(), &TrainSettings::default()));

fn views(classifier: &Classifier) -> Vec<Option<View>> {
    let mut views: Vec<_> = classifier.chosen().views.iter().map(|view| view.view).collect();
    views.dedup();
    views
}

#[test]
fn short_texts_are_told_better_by_several_views() {
    let joined = &*JOINED;
    assert!(views(joined).len() > 1, "{}", joined.chosen());
    let words = TrainSettings { views: Some(vec![View::Words]), ..TrainSettings::default() };
    let plain = trained(&titles(), &words);
    assert_eq!(views(&plain), [None]);
    let (joined, plain) = (joined.card(), plain.card());
    assert!(joined.log_loss.unwrap() < plain.log_loss.unwrap() - 0.02, "{joined:?} {plain:?}");
    assert!(joined.macro_f1.unwrap() > plain.macro_f1.unwrap(), "{joined:?} {plain:?}");
}

#[test]
fn the_best_trial_is_the_model_and_every_kind_is_told() {
    let classifier = &*JOINED;
    let (card, chosen) = (classifier.card(), classifier.chosen());
    let weights: f64 = chosen.views.iter().map(|view| view.weight).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    assert!(chosen.views.iter().all(|view| view.weight >= 0.0));
    let best = &card.trials[0].chosen;
    assert_eq!(best.length_power, chosen.length_power);
    assert_eq!(
        best.views.iter().map(|v| (v.view, v.algorithm, v.alpha)).collect::<Vec<_>>(),
        chosen.views.iter().map(|v| (v.view, v.algorithm, v.alpha)).collect::<Vec<_>>()
    );
    assert!(card.trials.is_sorted_by(|a, b| a.log_loss <= b.log_loss));
    for algorithm in [Algorithm::Multinomial, Algorithm::Complement] {
        for view in View::ALL {
            let alone = |views: &[rubrique::pipeline::ChosenView]| matches!(views, [v] if v.view == Some(view) && v.algorithm == algorithm);
            assert!(card.trials.iter().any(|trial| alone(&trial.chosen.views)), "{view:?}");
        }
    }
}

#[test]
fn order_and_threads_change_no_byte_and_a_file_gives_the_model_back() {
    let (mut articles, settings) = (titles(), TrainSettings::default());
    let bytes = JOINED.to_bytes().unwrap();
    articles.reverse();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let reversed = pool.install(|| trained(&articles, &settings).to_bytes().unwrap());
    assert!(bytes == reversed);
    let read = Classifier::from_bytes(&bytes, Path::new("memory")).unwrap();
    assert!(read.to_bytes().unwrap() == bytes);
    for article in articles.iter().take(50) {
        assert_eq!(read.classify(article), JOINED.classify(article));
    }
}

#[test]
fn what_words_add_makes_up_the_score() {
    for article in titles().iter().step_by(37) {
        for topic in explain_article(&JOINED, article).unwrap() {
            let sum: f64 = topic.terms.iter().map(|term| term.value).sum();
            assert!((topic.offset + sum - topic.score).abs() < 1e-9, "{topic:?}");
            for term in &topic.terms {
                assert_eq!(View::of(&term.term), View::Words, "told as a word: {term:?}");
                assert!(!term.forms.is_empty());
            }
        }
    }
}

#[test]
fn without_tuning_words_alone_are_looked_at() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let classifier = trained(&titles(), &settings);
    assert_eq!(views(&classifier), [None]);
    let analyzer = &classifier.settings().analyzer;
    assert!(analyzer.char_ngrams.is_none() && !analyzer.word_classes);
    for term in classifier.vocabulary().terms() {
        assert_eq!(View::of(term), View::Words);
    }
}

#[test]
fn views_that_are_asked_for_are_all_taken() {
    let wanted = vec![View::Words, View::Characters];
    for tune in [true, false] {
        let settings =
            TrainSettings { views: Some(wanted.clone()), tune, ..TrainSettings::default() };
        let mut found = views(&trained(&titles(), &settings));
        found.sort();
        assert_eq!(found, [Some(View::Words), Some(View::Characters)]);
    }
    let none = TrainSettings { views: Some(Vec::new()), ..TrainSettings::default() };
    assert!(none.check().is_err());
}

#[test]
fn a_smaller_time_budget_tries_less_and_always_the_same() {
    let tried = |time_budget| {
        let settings = TrainSettings { time_budget, ..TrainSettings::default() };
        let classifier = trained(&titles(), &settings);
        (classifier.card().settings_tried, classifier.to_bytes().unwrap())
    };
    let all = JOINED.card().settings_tried;
    let (some, bytes) = tried(Some(2.0));
    let (least, _) = tried(Some(1e-9));
    assert!(least < some && some < all, "{least} {some} {all}");
    assert!(tried(Some(2.0)).1 == bytes);
    let none = TrainSettings { time_budget: Some(0.0), ..TrainSettings::default() };
    assert!(none.check().is_err());
}
