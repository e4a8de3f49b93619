//! What a single text says does not travel in a model: no word, no spelling, no piece of a word of it, wherever in the file.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{articles, rows};
use rubrique::corpus::{LabelSet, Page, ReadOptions, Reader, TopicTerms};
use rubrique::features::DocumentLimits;
use rubrique::pipeline::{
    Algorithm, NearDuplicates, TrainSettings, Weighting, count_loaded, train,
};
use rubrique::text::{Analyzer, View, repair};
use rubrique::{Article, Classifier};

/// A name that nobody has, with a spelling without accents of its own.
const TEXT: &str = "Le tribunal de Brive juge Ézéchias Zwéckmorz, comptable, pour avoir blanchi les recettes d'un réseau de casinos. \
                    Trois sociétés écrans, ouvertes à Nicosie, recevaient les virements. L'audience reprend jeudi.";
/// Pieces of it: as written, folded, without accents, as n-grams of characters.
const PIECES: [&str; 8] = ["Zwéck", "zwéck", "zweck", "ckmo", "kmor", "zéchi", "zechia", "morz›"];

/// A corpus in which one text has the name: printed twice, the second time with capitals, and shortened.
fn corpus(several: bool) -> Vec<Article> {
    let labels = Some(LabelSet::parse("money_laundering"));
    let named = [
        ("Le comptable des casinos", TEXT.to_owned()),
        ("LE COMPTABLE DES CASINOS", TEXT.to_uppercase()),
        ("Le comptable des casinos", TEXT.replace(" L'audience reprend jeudi.", "")),
    ];
    let mut out = articles(&rows(12, several));
    out.extend(
        named.map(|(title, text)| Article { labels: labels.clone(), ..Article::new(title, text) }),
    );
    out
}

/// The content of a model file, unpacked.
fn content(corpus: &[Article], settings: &TrainSettings) -> Vec<u8> {
    let counted = count_loaded(corpus, &settings.analyzer, settings.zones).unwrap();
    let bytes = train(counted, settings).unwrap().to_bytes().unwrap();
    // After magic, version, kind, length and checksum.
    zstd::decode_all(&bytes[53..]).unwrap()
}

fn holds(content: &[u8], piece: &str) -> bool {
    content.windows(piece.len()).any(|bytes| bytes == piece.as_bytes())
}

fn min_articles(n: u64, settings: &TrainSettings) -> TrainSettings {
    TrainSettings { limits: DocumentLimits { min_df: n, max_df: 1.0 }, ..settings.clone() }
}

fn every_kind() -> Vec<(bool, TrainSettings)> {
    let quick = TrainSettings { tune: false, ..TrainSettings::default() };
    let gaussian = TrainSettings { algorithm: Algorithm::Gaussian, ..quick.clone() };
    let tf_idf = TrainSettings { weighting: Weighting::TfIdf, ..quick.clone() };
    let all_views = TrainSettings { views: Some(View::ALL.to_vec()), ..quick.clone() };
    let tuned = TrainSettings::default();
    let tuned_views = TrainSettings { views: Some(View::ALL.to_vec()), ..tuned.clone() };
    let mut out = vec![(true, tuned), (false, tuned_views)];
    out.extend([quick, gaussian, tf_idf, all_views].map(|settings| (true, settings)));
    out
}

#[test]
fn a_name_of_one_text_is_nowhere_in_a_model() {
    for (several, settings) in every_kind() {
        let by_default = content(&corpus(several), &settings);
        for piece in PIECES {
            assert!(!holds(&by_default, piece), "{piece}: {settings:?}");
        }
        // The search finds what is there, in the words or in what else the model looks at.
        let all = content(&corpus(several), &min_articles(1, &settings));
        assert!(PIECES.iter().any(|piece| holds(&all, piece)), "{settings:?}");
    }
}

/// One text writes « négociées »: its term is that of « négocié », which other texts have, but the spelling is its own.
#[test]
fn a_spelling_of_one_text_is_nowhere_in_a_model() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let mut corpus = articles(&rows(12, true));
    for (i, article) in corpus.iter_mut().enumerate() {
        let words = [" Le pacte est négocié.", " Les ventes sont négociées.", ""]
            [if i == 7 { 1 } else { i % 2 * 2 }];
        article.text.push_str(words);
    }
    let by_default = content(&corpus, &settings);
    assert!(holds(&by_default, "negocie"), "a spelling of many");
    assert!(!holds(&by_default, "negociees"));
    assert!(holds(&content(&corpus, &min_articles(1, &settings)), "negociees"));
}

#[test]
fn more_articles_can_be_asked_for() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let mut corpus = corpus(true);
    corpus.push(Article {
        labels: Some(LabelSet::parse("diplomacy")),
        ..Article::new(
            "Un portrait",
            "Avant les casinos, Ézéchias Zwéckmorz fut attaché de presse d'une ambassade au Kenya.",
        )
    });
    let [two, three] = [2, 3].map(|n| content(&corpus, &min_articles(n, &settings)));
    assert!(holds(&two, "zwéckmorz"), "two texts name him");
    assert!(PIECES.iter().all(|piece| !holds(&three, piece)));
}

/// The words of a story stand on the card, unless they are too few texts' own.
#[test]
fn the_card_tells_no_more_than_the_model() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let mut corpus = articles(&rows(12, true));
    for i in 0..12 {
        corpus.push(Article {
            labels: Some(LabelSet::parse("rareté")),
            ..Article::new("Le comptable des casinos", format!("{TEXT} Numéro {i}."))
        });
    }
    assert!(PIECES.iter().all(|piece| !holds(&content(&corpus, &settings), piece)));
    let counted = count_loaded(&corpus, &settings.analyzer, settings.zones).unwrap();
    let label = counted.labels.iter().position(|l| l == "rareté").unwrap();
    assert!(counted.story_words(label).contains(&"zwéckmorz"), "they are one story, all the same");
}

/// In how many texts each term occurs, counted here from tokens; near-duplicates are one text.
fn texts_by_term(articles: &[Article], settings: &TrainSettings) -> BTreeMap<String, usize> {
    let corpus = count_loaded(articles, &settings.analyzer, settings.zones).unwrap();
    let (corpus, order) = corpus.canonical();
    let keys = NearDuplicates::find(&corpus).join(&corpus.keys);
    let analyzer = Analyzer::new(settings.analyzer.clone()).unwrap();
    let mut texts: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for (key, &i) in keys.iter().zip(&order) {
        let (title, text) = (repair(&articles[i].title), repair(&articles[i].text));
        let page = Page::segment(&title, &text);
        for term in analyzer.terms(page.title).into_iter().chain(analyzer.terms(&page.body)) {
            texts.entry(term).or_default().insert(*key);
        }
    }
    texts.into_iter().map(|(term, keys)| (term, keys.len())).collect()
}

fn assert_terms_of_two_texts(model: &Classifier, articles: &[Article]) {
    let texts = texts_by_term(articles, model.settings());
    let analyzer = model.analyzer();
    let told: BTreeSet<String> = {
        let terms = &model.settings().topic_terms;
        let phrases = terms.topics().flat_map(|topic| terms.of(topic).map(|(phrase, _)| phrase));
        phrases.flat_map(|phrase| analyzer.terms(phrase)).collect()
    };
    let single: Vec<&str> = (0..model.vocabulary().len() as u32)
        .map(|id| model.vocabulary().term(rubrique::ids::TermId(id)))
        .filter(|term| View::of(term) == View::Words && !told.contains(*term))
        .filter(|term| texts.get(*term).is_none_or(|&n| n < 2))
        .collect();
    assert_eq!(single, [""; 0], "terms of fewer than two texts");
    assert!(model.vocabulary().len() > 1000);
}

fn read(inputs: &[std::path::PathBuf]) -> Vec<Article> {
    Reader::open(inputs, &ReadOptions::default()).unwrap().map(Result::unwrap).collect()
}

#[test]
fn terms_of_a_default_training_have_two_texts() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let articles = read(&["data/corpus.csv".into()]);
    let counted = count_loaded(&articles, &settings.analyzer, settings.zones).unwrap();
    assert_terms_of_two_texts(&train(counted, &settings).unwrap(), &articles);
}

/// The model that comes with the project, whose other source is beside the project.
#[test]
fn terms_of_the_press_model_have_two_texts() {
    let Some(shared) = common::shared() else { return };
    let articles = read(&["data/corpus.csv".into(), shared.join("data/press-fr/labelled.csv")]);
    let model = Classifier::press().unwrap();
    assert_eq!(model.card().articles, articles.len() as u64);
    assert!(model.settings().topic_terms != TopicTerms::default());
    assert_terms_of_two_texts(&model, &articles);
}
