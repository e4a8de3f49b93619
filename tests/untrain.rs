//! Articles that are taken out of counts leave nothing behind: what is left is what counting the others alone gives, byte for byte.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use common::{articles, csv, rows, write};
use proptest::prelude::*;
use rubrique::Article;
use rubrique::corpus::LabelSet;
use rubrique::pipeline::{CountedCorpus, TrainSettings, count_loaded, train};
use tempfile::TempDir;

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

fn quick() -> TrainSettings {
    TrainSettings { tune: false, ..TrainSettings::default() }
}

fn count(articles: &[Article]) -> CountedCorpus {
    let settings = quick();
    count_loaded(articles, &settings.analyzer, settings.zones).unwrap()
}

fn untrain(counts: &CountedCorpus, erased: &[Article]) -> CountedCorpus {
    let keys = erased.iter().map(CountedCorpus::key_of).collect();
    counts.without(&counts.articles_by_key(&keys).into_values().flatten().collect())
}

/// Whether two articles are one text to the counts.
fn is_copy(a: &Article, b: &Article) -> bool {
    CountedCorpus::key_of(a) == CountedCorpus::key_of(b)
}

/// An article of a few sentences of the small corpus and a name of its own, with accents or without.
fn any_article() -> impl Strategy<Value = Article> {
    let sentences: Vec<&'static str> =
        common::TOPICS.iter().flat_map(|(_, s)| *s).chain(common::OTHER).collect();
    let names = ["Hélène Brévalec", "Helene Brevalec", "Théodule Marquézy", "Ozanne Kérhuel"];
    let labels = ["", "terrorism", "diplomacy", "terrorism;diplomacy", "rareté"];
    (
        prop::collection::vec(prop::sample::select(sentences), 1..4),
        prop::sample::select(names.to_vec()),
        prop::sample::select(labels.to_vec()),
    )
        .prop_map(|(sentences, name, labels)| Article {
            labels: Some(LabelSet::parse(labels)),
            ..Article::new(sentences[0], format!("{} {name} se tait.", sentences.join(" ")))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any articles, in any parts, less any of them.
    #[test]
    fn untraining_is_never_having_seen(
        corpus in prop::collection::vec((any_article(), 0..3usize, any::<bool>()), 1..24),
    ) {
        let erased: Vec<Article> =
            corpus.iter().filter(|(_, _, erase)| *erase).map(|(a, _, _)| a.clone()).collect();
        let others: Vec<Article> = corpus
            .iter()
            .map(|(article, _, _)| article.clone())
            .filter(|article| !erased.iter().any(|gone| is_copy(gone, article)))
            .collect();
        let part = |n: usize| -> Vec<Article> {
            corpus.iter().filter(|(_, part, _)| *part == n).map(|(a, _, _)| a.clone()).collect()
        };
        let whole = (0..3).map(|n| count(&part(n))).reduce(|a, b| a.merge(b).unwrap()).unwrap();
        let never_seen = count(&others).to_bytes().unwrap();
        prop_assert!(untrain(&whole, &erased).to_bytes().unwrap() == never_seen);
        // Each part by itself, merged then.
        let parts = (0..3).map(|n| untrain(&count(&part(n)), &erased));
        let merged = parts.reduce(|a, b| a.merge(b).unwrap()).unwrap();
        prop_assert!(merged.to_bytes().unwrap() == never_seen);
    }
}

#[test]
fn the_model_is_the_one_that_never_saw_them() {
    let all = articles(&rows(14, true));
    let (erased, others): (Vec<_>, Vec<_>) =
        all.iter().cloned().enumerate().partition(|(i, _)| i % 5 == 2);
    let [erased, others] =
        [erased, others].map(|part| part.into_iter().map(|(_, a)| a).collect::<Vec<_>>());
    let model = |corpus| train(corpus, &quick()).unwrap().to_bytes().unwrap();
    assert!(model(untrain(&count(&all), &erased)) == model(count(&others)));
}

#[test]
fn copies_go_too_and_rewordings_are_told() {
    let text = "Le tribunal de Brive juge Aristide Valcombe, comptable, pour avoir blanchi les recettes d'un réseau de casinos. \
                Trois sociétés écrans, ouvertes à Nicosie, recevaient les virements. L'audience reprend jeudi.";
    let original = Article::new("Le comptable des casinos", text);
    let shouted = Article::new("LE COMPTABLE DES CASINOS", text.to_uppercase());
    let shortened =
        Article::new("Le comptable des casinos", text.replace(" L'audience reprend jeudi.", ""));
    let mut corpus = articles(&rows(6, true));
    corpus.extend([original.clone(), shouted, shortened]);
    let counts = count(&corpus).canonical().0;
    let found = counts.articles_by_key(&BTreeSet::from([CountedCorpus::key_of(&original)]));
    let gone: BTreeSet<usize> = found.into_values().flatten().collect();
    assert_eq!(gone.len(), 2, "the article and its copy in capitals");
    let near = counts.near_duplicates_of(&gone);
    assert_eq!(near.len(), 1, "the shortened copy");
    let all: BTreeSet<usize> = gone.iter().chain(&near).copied().collect();
    let left = counts.without(&all);
    assert_eq!(left.to_bytes().unwrap(), count(&articles(&rows(6, true))).to_bytes().unwrap());
}

/// The corpus of the project, in two parts, less a seventh of it.
#[test]
fn the_files_are_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let (folder, corpus) =
        (folder.path(), Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus.csv"));
    let mut reader = csv::Reader::from_path(corpus).unwrap();
    let header = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let table = |name: &str, wanted: &dyn Fn(usize) -> bool| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for (_, record) in records.iter().enumerate().filter(|(i, _)| wanted(*i)) {
            writer.write_record(record).unwrap();
        }
        write(folder, name, writer.into_inner().unwrap())
    };
    let is_erased = |i: usize| i % 7 == 3;
    let parts = [table("a.csv", &|i| i < 400), table("b.csv", &|i| i >= 400)];
    let (erased, rest) = (table("erase.csv", &is_erased), table("rest.csv", &|i| !is_erased(i)));
    let counted = |part: &Path| {
        let counts = part.with_extension("counts");
        rubrique().args(["train", "--quiet", "--counts"]).args([&counts, part]).assert().code(0);
        counts
    };
    let never_seen = counted(&rest);
    let left = folder.join("left.counts");
    let output = rubrique()
        .arg("untrain")
        .args(parts.iter().map(|part| counted(part)))
        .arg("--remove")
        .arg(&erased)
        .arg("--counts")
        .arg(&left)
        .assert()
        .code(0)
        .stdout("")
        .get_output()
        .clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("185 of 185 articles found; 185 removed"), "{said}");
    assert!(std::fs::read(&left).unwrap() == std::fs::read(&never_seen).unwrap());
    let model = |counts: &Path| {
        let model = counts.with_extension("rubrique");
        rubrique()
            .args(["merge", "--no-tune", "--quiet", "--model"])
            .args([&model, counts])
            .assert()
            .code(0);
        std::fs::read(model).unwrap()
    };
    assert!(model(&left) == model(&never_seen));
}

#[test]
fn what_is_not_found_is_told() {
    let folder = TempDir::new().unwrap();
    let corpus = write(folder.path(), "corpus.csv", csv(&rows(3, true)));
    let counts = folder.path().join("all.counts");
    rubrique().args(["train", "--quiet", "--counts"]).args([&counts, &corpus]).assert().code(0);
    let mut erase = rows(3, true)[4..6].to_vec();
    erase[1].text.push_str(" Une phrase de plus.");
    let erase = write(folder.path(), "erase.csv", csv(&erase));
    let ids = write(folder.path(), "ids.txt", "t005\n\nt999\n");
    let left = folder.path().join("left.counts");
    let untrain = |more: &[&std::ffi::OsStr]| {
        let mut command = rubrique();
        command.arg("untrain").arg(&counts).arg("--counts").arg(&left).arg("--remove").arg(&erase);
        let output = command.args(more).assert().code(1).get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    let said = untrain(&[]);
    assert!(said.contains("1 of 2 articles found; 1 removed"), "{said}");
    assert!(
        said.contains("not removed: ") && said.contains("record 2, line 3 (id t006)"),
        "{said}"
    );
    let said = untrain(&["--ids".as_ref(), ids.as_ref()]);
    assert!(said.contains("1 of 1 articles found"), "{said}");
    assert!(said.contains("id t999: no article of --remove has it"), "{said}");
    // The file holds no word of it any more: nothing that only it had, and it had a number of its own.
    let left = CountedCorpus::load(&left).unwrap();
    assert_eq!(left.articles(), 14);
    let used = left.matrix.document_frequencies();
    assert_eq!(left.terms.len(), used.len());
    assert!(used.iter().all(|&articles| articles > 0));
    assert!(left.spellings.matrix.document_frequencies().iter().all(|&articles| articles > 0));
}

#[test]
fn a_model_is_not_untrained_and_says_why() {
    let output = rubrique()
        .args(["untrain", "models/presse-fr.rubrique", "--remove", "data/articles.csv"])
        .args(["--counts", "-"])
        .assert()
        .code(2)
        .stdout("")
        .get_output()
        .clone();
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["a model cannot be untrained", "calibration", "train --counts", "try: "] {
        assert!(said.contains(part), "{said}");
    }
}
