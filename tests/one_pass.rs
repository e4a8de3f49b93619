//! Training in one pass: the model of articles that went by is the model of the same articles counted and kept.

mod common;

use std::collections::BTreeMap;

use rubrique::corpus::{LabelSet, TopicTerms};
use rubrique::pipeline::{
    Algorithm, CountedCorpus, Skipped, TrainSettings, batches_of, count_loaded, train,
    train_in_one_pass, trains_in_one_pass,
};
use rubrique::{Article, Classifier};

const WORDS: [[&str; 6]; 3] = [
    ["attentat", "djihadiste", "explosif", "cellule", "revendication", "otages"],
    ["blanchiment", "casino", "offshore", "virements", "société", "fiduciaire"],
    ["ambassade", "traité", "sommet", "négociation", "ministre", "pacte"],
];
const OTHERS: [&str; 8] =
    ["procès", "ville", "préfet", "rapport", "semaine", "enquête", "région", "budget"];
const TOPICS: [&str; 3] = ["terrorism", "money_laundering", "diplomacy"];

/// More articles than training keeps. Every third is a copy of an earlier one, every ninth in capitals.
fn many(one_label: bool) -> Vec<Article> {
    (0..12_000)
        .map(|i| {
            let number = if i % 3 == 2 { i / 3 } else { i };
            let topic = number % if one_label { 3 } else { 4 };
            let mut words = vec![format!("dossier{}", number % 4001)];
            for k in 0..7 {
                let draw = (number * 7 + k * 5 + number / 11) % 23;
                let of_topic = (k < 3 && draw < 18).then(|| WORDS.get(topic)).flatten();
                words.push(of_topic.map_or(OTHERS[draw % 8], |words| words[draw % 6]).to_owned());
            }
            let text = words.join(" ");
            let labels = TOPICS.get(topic).copied().unwrap_or("other");
            Article {
                labels: Some(LabelSet::parse(labels)),
                ..Article::new("", if i % 9 == 8 { text.to_uppercase() } else { text })
            }
        })
        .collect()
}

fn fixed() -> TrainSettings {
    TrainSettings { tune: false, ..TrainSettings::default() }
}

fn counted(articles: &[Article], settings: &TrainSettings) -> CountedCorpus {
    count_loaded(articles, &settings.analyzer, settings.zones).unwrap()
}

fn passing(
    articles: &[Article],
    settings: &TrainSettings,
    threads: usize,
) -> (Classifier, Skipped) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let batches = batches_of(articles.iter().cloned().map(Ok));
    pool.install(|| train_in_one_pass(batches, settings, |_| {}, &|_| {}).unwrap())
}

#[test]
fn the_model_is_that_of_the_articles_in_any_order_and_any_parts() {
    // Of a topic that articles have, and of one that none has.
    let told = [("terrorism", "bombe", 2), ("laundry", "lessiveuse", 3)];
    let terms = TrainSettings { topic_terms: TopicTerms::new(told).unwrap(), ..fixed() };
    let bernoulli = TrainSettings { algorithm: Algorithm::Bernoulli, ..fixed() };
    for (one_label, settings) in
        [(false, fixed()), (true, fixed()), (false, terms), (true, bernoulli)]
    {
        let mut articles = many(one_label);
        let (model, skipped) = passing(&articles, &settings, 1);
        assert_eq!(skipped, Skipped::default());
        assert_eq!(model.card().articles, 12_000);
        assert!(model.card().cross_validated);
        assert!(model.card().macro_f1.is_some_and(|f1| f1 > 0.8), "{:?}", model.card().macro_f1);
        let bytes = model.to_bytes().unwrap();
        articles.rotate_left(5_001);
        articles.swap(0, 11_999);
        assert!(passing(&articles, &settings, 4).0.to_bytes().unwrap() == bytes, "other order");
        let (first, rest) = articles.split_at(1_234);
        let merged = counted(rest, &settings).merge(counted(first, &settings)).unwrap();
        assert!(train(merged, &settings).unwrap().to_bytes().unwrap() == bytes, "counted in parts");
    }
}

#[test]
fn few_articles_are_kept_and_give_the_model_they_always_gave() {
    let articles = &many(false)[..3_000];
    let kept = train(counted(articles, &fixed()), &fixed()).unwrap();
    let (passed, _) = passing(articles, &fixed(), 2);
    assert!(passed.to_bytes().unwrap() == kept.to_bytes().unwrap());
}

/// A fold of an evaluation may lack all articles of a label: the labels keep their numbers all the same.
#[test]
fn a_label_that_a_part_lacks_keeps_its_number() {
    let mut articles = many(false);
    articles[40].labels = Some(LabelSet::parse("aardvark"));
    let whole = counted(&articles, &fixed());
    let rows: Vec<usize> = (0..whole.articles()).filter(|&i| i != 40).collect();
    let model = train(whole.select(&rows), &fixed()).unwrap();
    assert_eq!(model.labels(), ["aardvark", "diplomacy", "money_laundering", "terrorism"]);
    assert_eq!(model.card().topics[0].articles, 0);
}

#[test]
fn what_needs_the_articles_themselves_keeps_them() {
    assert!(trains_in_one_pass(&fixed()));
    assert!(!trains_in_one_pass(&TrainSettings::default()));
    let refined = TrainSettings { refine: Some(true), ..fixed() };
    assert!(!trains_in_one_pass(&refined));
    let gaussian = TrainSettings { algorithm: Algorithm::Gaussian, ..fixed() };
    assert!(!trains_in_one_pass(&gaussian));
}

/// What one text says, however often it was printed, does not travel; what two say does.
#[test]
fn words_of_a_single_text_stay_out() {
    let mut articles = many(false);
    let labels = Some(LabelSet::parse("money_laundering"));
    let named = |text: &str| Article { labels: labels.clone(), ..Article::new("", text) };
    let once = "Ézéchias Zwéckmorz, comptable, dirige le casino";
    articles.extend([once, &once.to_uppercase(), once].map(named));
    articles.extend(
        ["Brunehilde Krôwtz tient la fiduciaire", "Brunehilde Krôwtz nie tout virement"].map(named),
    );
    let (model, _) = passing(&articles, &fixed(), 2);
    assert!(model.vocabulary().get("zwéckmorz").is_none());
    assert!(model.vocabulary().get("krôwtz").is_some());
    let content = zstd::decode_all(&model.to_bytes().unwrap()[53..]).unwrap();
    let holds = |piece: &str| content.windows(piece.len()).any(|w| w == piece.as_bytes());
    assert!(!holds("zweckmorz") && holds("krowtz"), "spellings as well");
}

/// Rows that cannot be used are told and counted, as they are when articles are kept.
#[test]
fn rows_that_cannot_be_used_are_told() {
    let mut articles = many(false);
    articles[3].problem = Some("made unreadable".into());
    articles[7].text.clear();
    articles[9].problem = Some("and another".into());
    let mut told = Vec::new();
    let batches = batches_of(articles.into_iter().map(Ok));
    let note = |article: &Article| told.push(format!("{:?}", article.problem));
    let (model, skipped) = train_in_one_pass(batches, &fixed(), note, &|_| {}).unwrap();
    assert_eq!(skipped, Skipped { unreadable: 2, empty: 1 });
    assert!(told[0].contains("made unreadable") && told[1].contains("and another"));
    assert_eq!(model.card().articles, 11_997);
}

/// The out-of-fold scores are about those that new articles get: nothing of an article is in the model that scores it, copies
/// neither.
#[test]
fn scores_on_the_card_are_honest() {
    // Labels at random: whatever the texts say, nobody can know.
    let mut articles = many(false);
    let mut of_text: BTreeMap<String, u64> = BTreeMap::new();
    for article in &mut articles {
        let next = of_text.len() as u64;
        let text = article.text.to_lowercase();
        let draw = *of_text.entry(text).or_insert(next);
        let draw = draw.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
        article.labels = Some(LabelSet::parse(if draw < 8 { "diplomacy" } else { "other" }));
    }
    let (model, _) = passing(&articles, &fixed(), 2);
    let accuracy = model.card().accuracy.unwrap();
    assert!((0.4..0.6).contains(&accuracy), "{accuracy} of what nobody can know");
}
