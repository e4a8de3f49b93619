//! Near-duplicates: rewordings of invented dispatches (`data/rewordings.csv`) among articles that are none.

mod common;

use std::path::PathBuf;

use common::shared;
use rubrique::Article;
use rubrique::corpus::{ReadOptions, Reader, stratified_folds};
use rubrique::features::Zones;
use rubrique::pipeline::{CountedCorpus, NearDuplicates, count_loaded};
use rubrique::text::AnalyzerSettings;

fn read(path: impl Into<PathBuf>) -> Vec<Article> {
    let articles = Reader::open(&[path.into()], &ReadOptions::default()).unwrap();
    articles.collect::<Result<_, _>>().unwrap()
}

/// The rewordings of one dispatch, by the start of their ids.
fn rewordings(dispatch: &str) -> Vec<Article> {
    let mut articles = read("tests/data/rewordings.csv");
    articles.retain(|article| article.id.starts_with(dispatch));
    articles
}

fn count(articles: &[Article]) -> CountedCorpus {
    count_loaded(articles, &AnalyzerSettings::default(), Zones::default()).unwrap()
}

/// The clusters as sorted ids, found in canonical order.
fn clusters(articles: &[Article]) -> Vec<Vec<String>> {
    let (corpus, order) = count(articles).canonical();
    let found = NearDuplicates::find(&corpus);
    let ids = |cluster: &[usize]| {
        let mut ids: Vec<String> = cluster.iter().map(|&i| articles[order[i]].id.clone()).collect();
        ids.sort();
        ids
    };
    let mut clusters: Vec<Vec<String>> =
        found.clusters.iter().map(|cluster| ids(&cluster.articles)).collect();
    clusters.sort();
    clusters
}

fn ids(articles: &[Article]) -> Vec<String> {
    articles.iter().map(|article| article.id.clone()).collect()
}

/// 16 rewordings: sentences in another order, other words, another lead, questions and answers, briefs, half of it something else. Follow-ups
/// and a report from the same quays are no rewordings.
#[test]
fn sixteen_rewordings_among_a_thousand_articles_are_one_cluster() {
    let sixteen = rewordings("port");
    assert_eq!(sixteen.len(), 16);
    let mut articles = read("data/corpus.csv");
    articles.truncate(1000);
    assert_eq!(clusters(&articles), Vec::<Vec<String>>::new(), "no two of these are one text");
    articles.extend(rewordings("suite"));
    articles.extend(sixteen.iter().cloned());
    assert_eq!(clusters(&articles), [ids(&sixteen)]);
}

#[test]
fn other_dispatches_are_found_too_and_nothing_else_in_the_whole_corpus() {
    let mut articles = read("data/corpus.csv");
    let own = ["musee", "port", "taux"].map(rewordings);
    articles.extend(own.iter().flatten().cloned());
    articles.extend(rewordings("suite"));
    assert_eq!(clusters(&articles), own.map(|dispatch| ids(&dispatch)));
}

/// Margin: without the wordings that are nearest to the first one, the others still hold together.
#[test]
fn the_freest_rewordings_hold_together_without_the_closest() {
    let near = ["port01", "port02", "port04", "port07", "port09", "port13"];
    let mut free = rewordings("port");
    free.retain(|article| !near.contains(&article.id.as_str()));
    let mut articles = read("data/corpus.csv");
    articles.extend(free.iter().cloned());
    assert_eq!(clusters(&articles), [ids(&free)]);
}

#[test]
fn the_sixteen_are_one_cluster_among_real_articles() {
    let Some(shared) = shared() else { return };
    for file in ["data/press-fr/labelled.csv", "data/press-fr/unlabelled.jsonl.gz"] {
        let mut articles = read(shared.join(file));
        let sixteen = rewordings("port");
        articles.extend(sixteen.iter().cloned());
        articles.extend(rewordings("suite"));
        let found = clusters(&articles);
        let of_dispatch: Vec<&Vec<String>> = found
            .iter()
            .filter(|cluster| {
                cluster.iter().any(|id| id.starts_with("port") || id.starts_with("suite"))
            })
            .collect();
        assert_eq!(of_dispatch, [&ids(&sixteen)], "{file}");
    }
}

#[test]
fn threads_labels_and_order_change_nothing() {
    let mut articles = read("data/corpus.csv");
    articles.truncate(300);
    articles.extend(rewordings(""));
    let expected = clusters(&articles);
    articles.reverse();
    articles.iter_mut().for_each(|article| article.labels = None);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| clusters(&articles)), expected, "{threads} threads");
    }
}

#[test]
fn copies_are_clusters_of_their_own_and_texts_without_words_are_not() {
    let article = |text: &str| Article::new("", text);
    let text = "Le conseil municipal a voté la réfection de la piscine et du gymnase.";
    let other = "Un orage de grêle a endommagé les toitures du village voisin.";
    let articles =
        [article(text), article("1 2 3"), article(other), article(text), article("4 5 6")];
    let found = NearDuplicates::find(&count(&articles));
    assert_eq!(found.clusters.len(), 1);
    assert_eq!(found.clusters[0].articles, [0, 3]);
    assert_eq!(found.clusters[0].similarities, [1.0, 1.0]);
    assert_eq!(found.join(&[5, 6, 7, 3, 9]), [3, 6, 7, 3, 9]);
}

/// A thousand copies of a text with one word changed here and there stay one cluster, and cost little.
#[test]
fn a_text_that_comes_a_thousand_times_is_one_cluster() {
    let base = &rewordings("port01")[0];
    let mut articles: Vec<Article> = (0..1000)
        .map(|i| Article {
            id: format!("x{i:04}"),
            text: format!("{} Mot{i}abc.", base.text),
            ..base.clone()
        })
        .collect();
    let expected = ids(&articles);
    articles.extend(read("data/corpus.csv").into_iter().take(200));
    let found = clusters(&articles);
    let sizes: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1000]);
    assert!(found[0] == expected);
}

#[test]
fn a_cluster_is_on_one_side_of_every_fold() {
    let mut articles = read("data/corpus.csv");
    articles.truncate(200);
    articles.extend(rewordings(""));
    let (corpus, _) = count(&articles).canonical();
    let found = NearDuplicates::find(&corpus);
    let joined = found.join(&corpus.keys);
    let folds = stratified_folds(&corpus.members, &joined, 5, 42);
    assert_eq!(found.clusters.len(), 3);
    for cluster in &found.clusters {
        assert!(cluster.articles.iter().all(|&i| folds[i] == folds[cluster.articles[0]]));
    }
    let alone = stratified_folds(&corpus.members, &corpus.keys, 5, 42);
    let split = |cluster: &Vec<usize>| cluster.iter().any(|&i| alone[i] != alone[cluster[0]]);
    assert!(found.clusters.iter().any(|cluster| split(&cluster.articles)), "the keys do this");
}
