//! What is found wrong with a corpus, and where.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use common::{column, csv, records, rows, shared, write};
use predicates::str::contains;
use rubrique::Article;
use rubrique::corpus::{LabelSet, ReadOptions, Reader};
use rubrique::pipeline::{Audit, Finding, FindingKind, LabelCheck, TrainSettings};

fn read(path: impl Into<PathBuf>) -> Vec<Article> {
    let articles = Reader::open(&[path.into()], &ReadOptions::default()).unwrap();
    articles.collect::<Result<_, _>>().unwrap()
}

/// Without tuning: fast, and only a little worse.
fn audit(articles: &[Article]) -> Audit {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    Audit::new(articles.to_vec(), &settings, LabelCheck::OutOfFold(5), &|_| {}).unwrap()
}

fn of_kind(audit: &Audit, kind: FindingKind) -> Vec<&Finding> {
    audit.findings.iter().filter(|finding| finding.kind == kind).collect()
}

/// Gives one article in 20 the labels that another has, by lot.
fn plant(articles: &mut [Article], seed: u64) -> BTreeSet<usize> {
    let mut random = seed;
    let mut next = |below: usize| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let all: BTreeSet<LabelSet> = articles.iter().filter_map(|a| a.labels.clone()).collect();
    let all: Vec<LabelSet> = all.into_iter().collect();
    let mut planted = BTreeSet::new();
    while planted.len() < articles.len() / 20 {
        let article = next(articles.len());
        let labels = Some(all[next(all.len())].clone());
        if labels != articles[article].labels && planted.insert(article) {
            articles[article].labels = labels;
        }
    }
    planted
}

/// The share of the planted labels among the first tenth of the articles, by rank.
fn found_in_first_tenth(mut articles: Vec<Article>, seed: u64) -> f64 {
    let planted = plant(&mut articles, seed);
    let audit = audit(&articles);
    let found = of_kind(&audit, FindingKind::LikelyWrongLabel)
        .into_iter()
        .take(articles.len() / 10)
        .filter(|finding| planted.contains(&finding.article))
        .count();
    found as f64 / planted.len() as f64
}

#[test]
fn planted_labels_are_ranked_first() {
    for seed in [1, 2, 3] {
        let share = found_in_first_tenth(read("data/corpus.csv"), seed);
        println!("seed {seed}: {share:.3}");
        assert!(share >= 0.75, "seed {seed}: {share}");
    }
}

#[test]
fn planted_labels_are_ranked_first_among_real_articles_too() {
    let Some(shared) = shared() else { return };
    for file in ["press-fr/labelled.csv", "masakhanews-fra/train.tsv"] {
        let articles = read(shared.join("data").join(file));
        for seed in [1, 2] {
            let share = found_in_first_tenth(articles.clone(), seed);
            println!("{file}, seed {seed}: {share:.3}");
            assert!(share >= 0.7, "{file}, seed {seed}: {share}");
        }
    }
}

#[test]
fn every_kind_of_finding_is_found_and_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = std::fs::read_to_string("data/corpus.csv").unwrap();
    let corpus = records(&corpus).into_iter().take(61);
    let mut base = csv::Writer::from_writer(Vec::new());
    corpus.for_each(|row| base.write_record([&row[0], &row[3], &row[4], &row[5]]).unwrap());
    let mut lines = base.into_inner().unwrap();
    let text = "Le préfet a inauguré la passerelle de bois qui enjambe la Vesle entre les deux quartiers, après deux ans de travaux et une \
                crue qui avait emporté les premières piles.";
    lines.extend(format!("d1,Une passerelle,\"{text}\",diplomacy\n").bytes());
    lines.extend(format!("d2,La passerelle,\"{text} Il pleuvait.\",other\n").bytes());
    lines.extend(format!("d3,Passerelle,\"{text} Il ventait.\",diplomacy\n").bytes());
    lines.extend(b"d3,Encore,Le texte d'un autre article sur la p\xEAche en eau douce,other\n");
    lines.extend(b"e1,,,other\n");
    lines.extend("s1,,Deux mots,other\n".bytes());
    lines.extend(
        "m1,Mojibake,L’accord a Ã©tÃ© signÃ© hier soir par les deux maires du canton,other\n"
            .bytes(),
    );
    lines.extend("x1,English,The ministers of the two countries met on Thursday in London to sign an agreement on trade and security after months of talks.,other\n".bytes());
    lines.extend("u1,trop,de,cellules,ici\n".bytes());
    let path = write(folder.path(), "a.csv", lines);
    let audit = audit(&read(path));
    let told = |kind: FindingKind| -> Vec<String> {
        of_kind(&audit, kind)
            .into_iter()
            .map(|f| format!("{}: {}", audit.articles[f.article].id, f.detail))
            .collect()
    };
    let expect = |kind: FindingKind, parts: &[&str]| {
        let told = told(kind);
        assert!(
            parts.iter().all(|part| told.iter().any(|t| t.contains(part))),
            "{kind:?}: {told:?}"
        );
    };
    expect(FindingKind::Unreadable, &["u1: has 5 cells"]);
    expect(FindingKind::Empty, &["e1: neither title nor text"]);
    expect(FindingKind::TooShort, &["s1: 2 words"]);
    expect(FindingKind::NotFrench, &["x1: looks like eng"]);
    expect(
        FindingKind::EncodingRepaired,
        &["m1: « Ã©tÃ© » read as « été »", "d3: the bytes are no UTF-8; read as windows-1252"],
    );
    expect(FindingKind::DuplicateId, &["d3: ", "has this id too"]);
    expect(
        FindingKind::LabelConflict,
        &["d2: labels of these near-duplicates: other 1, diplomacy 2"],
    );
    assert_eq!(told(FindingKind::LabelConflict).len(), 1);
    let suggested = &of_kind(&audit, FindingKind::LabelConflict)[0].suggested;
    assert_eq!(*suggested, Some(LabelSet::parse("diplomacy")));
    let cluster: BTreeSet<_> = of_kind(&audit, FindingKind::NearDuplicate)
        .into_iter()
        .filter(|f| audit.articles[f.article].id.starts_with('d'))
        .map(|f| audit.clusters[f.article])
        .collect();
    assert_eq!(cluster.len(), 1, "one cluster");
    let place = &audit.articles[of_kind(&audit, FindingKind::Unreadable)[0].article].place;
    assert!(place.line.is_some() && place.record == Some(69), "{place}");
    // The kinds come in order, and each is ranked from 1 on.
    assert!(audit.findings.is_sorted_by_key(|finding| finding.kind));
    let mut seen = BTreeMap::new();
    for finding in &audit.findings {
        let rank: &mut usize = seen.entry(finding.kind).or_default();
        *rank += 1;
        assert_eq!(finding.rank, *rank);
    }
}

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

fn small(folder: &Path) -> PathBuf {
    let mut corpus = rows(12, true);
    corpus[0].labels = "diplomacy".to_owned();
    write(folder, "corpus.csv", csv(&corpus))
}

/// The table's columns are a promise to those who read it by program.
#[test]
fn the_table_is_what_is_promised() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id,title,text,labels\n1,Un titre,\"Le conseil a voté,\nhier soir, la rénovation de la halle.\",other\n2,Un titre,\"Le conseil a voté,\nhier soir, la rénovation de la halle.\",diplomacy\n3,,,other\n";
    let path = write(folder.path(), "a.csv", text);
    let out = rubrique().current_dir(folder.path()).args(["audit", "a.csv"]).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(path.exists());
    let golden = std::fs::read_to_string("tests/golden/audit.csv").unwrap();
    assert_eq!(String::from_utf8(out.stdout).unwrap(), golden);
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(told.contains("labels were not checked"), "{told}");
    assert!(told.contains("2 articles are near-duplicates, in 1 clusters"), "{told}");
}

/// Audit, correct, train: the planted label is found, corrected in the table, and the table given back.
#[test]
fn the_table_is_given_back_with_corrections() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = small(folder.path());
    let out = folder.path().join("audit.csv");
    let run = |inputs: &[&Path]| {
        let mut command = rubrique();
        command.arg("audit").args(inputs).args(["--no-tune", "--output"]).arg(&out);
        command.assert()
    };
    run(&[&corpus]).code(1).stderr(contains("likely_wrong_label"));
    let mut table = records(&std::fs::read_to_string(&out).unwrap());
    let ids = column(&table, "id");
    let suggested = column(&table, "suggested_labels");
    let first = ids.iter().position(|id| id == "t001").expect("the planted label is found");
    assert_eq!(suggested[first], "money_laundering");
    let at = table[0].iter().position(|c| c == "corrected_labels").unwrap();
    table[first + 1][at] = suggested[first].clone();
    let mut text = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    table.iter().for_each(|row| text.write_record(row).unwrap());
    let corrected = write(folder.path(), "corrected.csv", text.into_inner().unwrap());
    let again = folder.path().join("again.csv");
    rubrique()
        .arg("audit")
        .args([&corpus, &corrected])
        .args(["--no-tune", "--output"])
        .arg(&again)
        .assert()
        .stderr(contains("60 articles"));
    let table = records(&std::fs::read_to_string(&again).unwrap());
    let kinds = column(&table, "kind");
    let ids = column(&table, "id");
    assert!(!ids.iter().zip(&kinds).any(|(id, kind)| id == "t001" && kind == "likely_wrong_label"));
    rubrique()
        .arg("train")
        .args([&corpus, &corrected])
        .args(["--no-tune", "--model"])
        .arg(folder.path().join("m.rubrique"))
        .assert()
        .code(0)
        .stderr(contains("60 articles"));
}

#[test]
fn a_page_is_written_beside_the_table_and_what_articles_say_is_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Le conseil a voté hier soir la rénovation de la halle aux grains.";
    let rows = format!(
        "id,date,source,title,text\n1,2026-03-05,A,<script>alert(1)</script>,{text}\n2,5 avril 2026,B,Copie,{text}\n3,,,,\n"
    );
    let path = write(folder.path(), "a.csv", rows);
    let report = folder.path().join("report");
    let run = |options: &[&str]| {
        let mut command = rubrique();
        command.arg("audit").arg(&path).arg("--report").arg(&report).args(options);
        command.assert().code(1).stdout("")
    };
    run(&[]);
    let page = std::fs::read_to_string(report.join("audit.html")).unwrap();
    assert!(page.contains("3 findings in 3 articles."), "the verdict comes in words");
    assert!(page.contains("id=\"near_duplicate\"") && page.contains("id=\"empty\""));
    assert!(!page.contains("<script>alert") && page.contains("alert(1)"));
    assert_eq!(records(&std::fs::read_to_string(report.join("audit.csv")).unwrap()).len(), 4);
    run(&["--lang", "fr"]);
    let page = std::fs::read_to_string(report.join("audit.html")).unwrap();
    assert!(page.contains("Quasi-doublons") && page.contains("lang=\"fr\""));
    run(&["--drift", "data/corpus.csv"]);
    let page = std::fs::read_to_string(report.join("drift.html")).unwrap();
    assert!(page.contains("By month") && page.contains("2026-04") && page.contains("By source"));
    assert!(report.join("drift.csv").is_file());
    // A page alone, the table to standard output.
    let page = folder.path().join("p.html");
    let out = rubrique().arg("audit").arg(&path).arg("--report").arg(&page).output().unwrap();
    assert!(out.stdout.starts_with(b"kind,rank"));
    assert!(page.is_file());
}

#[test]
fn nothing_wrong_is_exit_0_and_unlabelled_articles_are_looked_at_too() {
    let folder = tempfile::tempdir().unwrap();
    let articles: Vec<Vec<String>> =
        records(&std::fs::read_to_string("data/articles.csv").unwrap());
    let mut text = csv::Writer::from_writer(Vec::new());
    articles.iter().take(9).for_each(|row| text.write_record(row).unwrap());
    let path = write(folder.path(), "a.csv", text.into_inner().unwrap());
    rubrique()
        .arg("audit")
        .arg(&path)
        .assert()
        .code(0)
        .stderr(contains("8 articles, 0 findings"))
        .stderr(contains("labels were not checked: no article has labels"));
    rubrique().args(["audit", "missing.csv"]).assert().code(2);
}

#[test]
fn threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = small(folder.path());
    let run = |threads: &str| {
        let out =
            rubrique().args(["audit", "--no-tune", "--threads", threads]).arg(&corpus).output();
        out.unwrap().stdout
    };
    assert!(run("1") == run("3"));
}

mod split {
    use super::*;
    use rubrique::pipeline::{Split, hold_out};

    fn dated() -> Vec<Article> {
        let mut articles = read("data/corpus.csv");
        articles.truncate(400);
        articles
    }

    fn quick() -> TrainSettings {
        TrainSettings { tune: false, ..TrainSettings::default() }
    }

    #[test]
    fn the_newest_fifth_is_judged_and_nothing_else() {
        let articles = dated();
        let held =
            hold_out(articles.clone(), &quick(), Split::NewestFifth, false, &|_| {}).unwrap();
        let newest = held.articles.iter().map(|e| e.article.date.clone().unwrap()).min().unwrap();
        let ids: BTreeSet<&String> = held.articles.iter().map(|e| &e.article.id).collect();
        assert!((70..=90).contains(&ids.len()), "{}", ids.len());
        for article in &articles {
            let date = article.date.as_ref().unwrap();
            assert_eq!(ids.contains(&article.id), *date >= newest, "{} {date}", article.id);
        }
        assert_eq!(held.models.len(), 1);
        assert_eq!(held.undated, 0);
    }

    #[test]
    fn blocks_chain_forward_and_undated_articles_stay_out() {
        let mut articles = dated();
        articles[3].date = None;
        articles[5].date = Some("un jour".to_owned());
        let (split, settings) = (Split::TimeBlocks(3), quick());
        let held = hold_out(articles.clone(), &settings, split, false, &|_| {}).unwrap();
        assert_eq!(held.undated, 2);
        assert_eq!(held.models.len(), 3);
        let trained: Vec<u64> = held.models.iter().map(|model| model.articles).collect();
        assert!(trained.is_sorted() && trained[0] >= 95 && trained[2] <= 305, "{trained:?}");
        assert!(held.articles.len() >= 290 && held.articles.len() <= 305);
        assert!(held.articles.iter().all(|e| e.article.id != articles[3].id));
        articles.reverse();
        let turned = hold_out(articles, &settings, split, false, &|_| {}).unwrap();
        let of = |held: &rubrique::pipeline::CrossValidated| -> BTreeMap<String, String> {
            let said =
                held.articles.iter().map(|e| (e.article.id.clone(), format!("{:?}", e.classified)));
            said.collect()
        };
        assert!(of(&held) == of(&turned), "the order of the input changes nothing");
    }

    #[test]
    fn evaluate_tells_how_it_split() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report");
        let run = |options: &[&str]| {
            let mut command = rubrique();
            command.args(["evaluate", "data/corpus.csv", "--no-tune", "--report"]).arg(&report);
            command.args(options).assert()
        };
        run(&["--split", "time"]).code(0);
        let html = std::fs::read_to_string(report.join("report.html")).unwrap();
        assert!(
            html.contains(
                "the newest fifth was judged by a model trained on the articles before it"
            )
        );
        let metrics = std::fs::read_to_string(report.join("metrics.json")).unwrap();
        let metrics: serde_json::Value = serde_json::from_str(&metrics).unwrap();
        assert_eq!(metrics["setup"]["split"], "newest_fifth");
        assert!(metrics["articles"].as_u64().unwrap() < 300);
        run(&["--split", "time", "--date-column", "source"])
            .code(2)
            .stderr(contains("split by time"));
        run(&["--split", "time", "--model", "m"]).code(2);
    }
}

mod drift {
    use super::*;
    use rubrique::Classifier;
    use rubrique::pipeline::{Baseline, Drift, DriftRow, Measure};

    fn row<'d>(
        drift: &'d Drift,
        group: &str,
        name: &str,
        measure: Measure,
        label: &str,
    ) -> &'d DriftRow {
        let is_wanted = |row: &&DriftRow| {
            (row.group, &*row.name, row.measure, &*row.label) == (group, name, measure, label)
        };
        drift
            .rows
            .iter()
            .find(is_wanted)
            .unwrap_or_else(|| panic!("no {group} {name} {measure:?} {label}"))
    }

    fn part(step: usize, from: usize) -> Vec<Article> {
        read("data/corpus.csv").into_iter().skip(from).step_by(step).collect()
    }

    #[test]
    fn the_same_kind_of_articles_has_not_drifted_and_another_has() {
        let press = Classifier::press().unwrap();
        let baseline = Baseline::Articles(part(4, 0));
        let like = Drift::new(&part(4, 1), &baseline, &press, 42).unwrap();
        assert!(like.shifts().is_empty(), "{:?}", like.shifts());
        let index = row(&like, "all", "", Measure::StabilityIndex, "");
        assert!(
            index.value.unwrap() < 0.1 && index.low <= index.value && index.value <= index.high
        );
        let unknown = row(&like, "all", "", Measure::UnknownTerms, "");
        let (before, now) = (unknown.baseline.unwrap(), unknown.value.unwrap());
        assert!((before - now).abs() < 0.03, "{before} {now}");

        let mut others = part(4, 1);
        others.retain(|article| {
            article.labels.as_ref().is_some_and(|labels| labels.names() == ["diplomacy"])
        });
        for (i, article) in others.iter_mut().enumerate() {
            article.text += " Zorglubation brimborionesque quinquadécimale tarabiscotomie fariboliste turlupinocratie \
                              calembredainier coquecigruesque billevesard carabistouillesque sornettiforme balivernette";
            article.date = Some(if i % 2 == 0 { "3 mars 2026" } else { "2026-04-01" }.to_owned());
            article.source = Some("La Dépêche du Canal".to_owned());
        }
        let drift = Drift::new(&others, &baseline, &press, 42).unwrap();
        assert!(drift.shifts().iter().any(|row| row.measure == Measure::StabilityIndex));
        assert!(row(&drift, "all", "", Measure::Topic, "diplomacy").value.unwrap() > 0.9);
        let march = row(&drift, "month", "2026-03", Measure::UnknownTerms, "");
        assert_eq!(march.articles, others.len().div_ceil(2));
        assert!(march.value > unknown.value);
        row(&drift, "month", "2026-04", Measure::Review, "");
        let source = row(&drift, "source", "La Dépêche du Canal", Measure::JensenShannon, "");
        assert!(source.value.unwrap() > 0.1);
        assert_eq!(source.articles, others.len());
    }

    #[test]
    fn a_model_is_a_baseline_too_and_the_table_is_what_is_promised() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("drift.csv");
        rubrique()
            .args([
                "audit",
                "data/articles.csv",
                "--drift",
                "models/presse-fr.rubrique",
                "--output",
            ])
            .arg(&out)
            .assert()
            .stderr(contains("30 articles against"))
            .stderr(contains("stability_index"));
        let table = records(&std::fs::read_to_string(&out).unwrap());
        let header =
            ["group", "name", "articles", "measure", "label", "baseline", "value", "low", "high"];
        assert_eq!(table[0], header);
        assert_eq!(table[1][..5], ["all", "", "30", "unknown_terms", ""]);
        assert!(column(&table, "group").contains(&"source".to_owned()));
        let (measures, baselines) = (column(&table, "measure"), column(&table, "baseline"));
        for (measure, baseline) in measures.iter().zip(&baselines) {
            let is_known = ["topic", "review"].contains(&measure.as_str());
            assert_eq!(!baseline.is_empty(), is_known, "{measure}");
        }
        let press =
            ["--drift", "models/presse-fr.rubrique", "--model", "models/presse-fr.rubrique"];
        rubrique().args(["audit", "data/articles.csv"]).args(press).assert().code(2);
    }
}
