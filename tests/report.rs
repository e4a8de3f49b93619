//! The files of `evaluate`: their formats, held by golden files, and a page that stays whole, small and safe whatever the articles are.

mod common;

use std::fs;
use std::path::PathBuf;

use rubrique::corpus::{Article, LabelSet, Reason, Status};
use rubrique::ids::LabelId;
use rubrique::model::{Decision, PossibleLabels, Prediction, Task};
use rubrique::pipeline::{
    Classified, Evaluated, ExplainedSentence, ExplainedTerm, ExplainedTopic, LearningStep,
    ModelFacts,
};
use rubrique::report::{
    Language, NearDuplicates, Report, ReportSource, SecondModel, Setup, Table, TableProfile,
    write_confusion, write_errors, write_html, write_per_topic, write_predictions,
};

fn names(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|name| (*name).to_owned()).collect()
}

fn predicted(probabilities: &[f64], confidence: f64, decision: Decision) -> Classified {
    let given = (0..probabilities.len()).filter(|&l| probabilities[l] >= 0.5);
    let mut labels: Vec<LabelId> = given.map(|l| LabelId(l as u32)).collect();
    labels.sort_by(|a, b| probabilities[b.index()].total_cmp(&probabilities[a.index()]));
    let possible = PossibleLabels {
        none: labels.is_empty(),
        labels: labels.clone(),
        ..PossibleLabels::default()
    };
    let probabilities = probabilities.to_vec();
    let prediction = Prediction { probabilities, labels, confidence, possible, decision };
    Classified { status: Status::Ok, prediction: Some(prediction) }
}

fn article(id: &str, title: &str, text: &str, labels: &str) -> Article {
    Article {
        id: id.to_owned(),
        labels: Some(LabelSet::parse(labels)),
        ..Article::new(title, text)
    }
}

fn reason(topic: &str, passage: &str, word: &str) -> ExplainedTopic {
    let at = passage.find(word).unwrap_or(0);
    let term = |term: &str, value| ExplainedTerm {
        term: term.to_owned(),
        forms: vec![term.to_owned()],
        count: 1,
        value,
    };
    ExplainedTopic {
        topic: topic.to_owned(),
        probability: 0.9,
        given: true,
        score: 2.0,
        offset: -1.0,
        terms: vec![term(word, 3.5), term("récolte", -0.5)],
        sentences: vec![ExplainedSentence {
            text: passage.to_owned(),
            value: 3.5,
            marks: std::iter::once(at..at + word.len()).collect(),
        }],
    }
}

/// Seven articles that between them have everything a format must hold: commas, quotes, line breaks, two topics, none, an unknown label, an
/// article that was not read.
fn few() -> Vec<Evaluated> {
    use Decision::{Accept, Review};
    let mut out = vec![
        Evaluated::new(
            article("1", "Accord signé", "Deux pays, un traité.", "diplomatie"),
            predicted(&[0.97, 0.01], 0.96, Accept),
        ),
        Evaluated::new(
            article("2", "Une \"cellule\"", "Elle préparait\nune attaque.", "terrorisme"),
            predicted(&[0.75, 0.125], 0.65625, Accept),
        ),
        Evaluated::new(
            article("3", "", "Sans titre ; sans thème.", "other"),
            predicted(&[0.25, 0.5], 0.375, Review),
        ),
        Evaluated::new(
            article("4", "Les deux", "Sommet après l’attentat.", "diplomatie;terrorisme"),
            predicted(&[0.875, 0.9375], 0.8203125, Accept),
        ),
        Evaluated::new(
            article("5", "Pommes", "La récolte est bonne.", ""),
            predicted(&[0.0625, 0.0625], 0.87890625, Review),
        ),
        Evaluated::new(
            article("6", "Match nul", "Le club n’a pas gagné.", "sport"),
            predicted(&[0.03125, 0.0625], 0.908203125, Accept),
        ),
        Evaluated::new(
            Article {
                problem: Some("has 2 cells".to_owned()),
                ..article("7", "", "", "terrorisme")
            },
            Classified { status: Status::Unreadable, prediction: None },
        ),
    ];
    for (i, evaluated) in out.iter_mut().enumerate() {
        evaluated.article.date = (i < 5).then(|| format!("{}-05-03", 2018 + i / 2));
        evaluated.article.source =
            Some(if i % 2 == 0 { "Le Golfe" } else { "La Savane" }.to_owned());
        evaluated.page.words = 40 * i;
    }
    out[1].reasons = vec![reason("diplomatie", "une attaque.", "attaque")];
    out[0].page.dropped = vec![(Reason::Share, "Partager".to_owned())];
    out[0].page.uncleaned = Some(predicted(&[0.25, 0.01], 0.7, Review));
    out
}

fn setup(command: &str) -> Setup {
    Setup {
        command: command.to_owned(),
        inputs: vec!["articles.csv".to_owned()],
        model: "model m.rubrique".to_owned(),
        folds: None,
        split: None,
        seed: 42,
        version: "0.0.0".to_owned(),
    }
}

/// A report with every part.
fn whole() -> Report {
    let labels = names(&["diplomatie", "terrorisme"]);
    let articles = few();
    let second: Vec<Classified> = articles.iter().map(|a| a.classified.clone()).rev().collect();
    let models = [ModelFacts {
        articles: 5,
        terms: 120,
        chosen: "multinomial (alpha 0.1)".to_owned(),
        settings_tried: 3,
        accept_from: 0.6,
        thresholds: vec![0.5, 0.5],
        telling_terms: vec![vec![("accord".to_owned(), 2.5)], vec![("attaque".to_owned(), 3.25)]],
    }];
    let given = |labels: &[usize]| labels.to_vec();
    let steps = [
        LearningStep { share: 0.125, articles: 1.0, predicted: Err("too few".to_owned()) },
        LearningStep {
            share: 0.5,
            articles: 3.0,
            predicted: Ok([&[0][..], &[1], &[], &[1], &[], &[], &[]].map(given).to_vec()),
        },
    ];
    Report::new(ReportSource {
        labels: &labels,
        task: Task::AnyLabels,
        thresholds: &[0.5, 0.5],
        articles: &articles,
        models: &models,
        learning_curve: &steps,
        second: Some(SecondModel {
            name: "old.rubrique".to_owned(),
            labels: &labels,
            classified: &second,
        }),
        near_duplicates: Some(NearDuplicates { clusters: 1, articles: 2 }),
        setup: setup("rubrique evaluate articles.csv --report r"),
    })
}

fn html(report: &Report, language: Language) -> String {
    let mut out = Vec::new();
    write_html(report, language, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Compares with a golden file, or writes it where `RUBRIQUE_WRITE_GOLDEN=1` says so.
fn assert_golden(name: &str, found: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/evaluate");
    let path = folder.join(name);
    if std::env::var("RUBRIQUE_WRITE_GOLDEN").is_ok_and(|v| v == "1") {
        fs::create_dir_all(folder).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert!(
        found == expected,
        "{name} has changed. Where that is meant, say so in the changelog and run again with RUBRIQUE_WRITE_GOLDEN=1.\n{found}"
    );
}

#[test]
fn the_files_are_as_they_were() {
    let report = whole();
    let json = serde_json::to_string_pretty(&report).unwrap() + "\n";
    assert_golden("metrics.json", &json);
    let file = |fill: fn(&Report, &mut Table<Vec<u8>>) -> std::io::Result<()>, profile| {
        let mut table = Table::new(Vec::new(), profile).unwrap();
        fill(&report, &mut table).unwrap();
        String::from_utf8(table.finish().unwrap()).unwrap()
    };
    assert_golden("per_topic.csv", &file(write_per_topic, TableProfile::default()));
    assert_golden("confusion.csv", &file(write_confusion, TableProfile::default()));
    assert_golden("predictions.csv", &file(write_predictions, TableProfile::default()));
    assert_golden("errors.csv", &file(write_errors, TableProfile::default()));
    let for_excel = file(write_errors, TableProfile::excel());
    assert!(for_excel.starts_with("\u{FEFF}id;title;corrected_labels;"));
    assert!(for_excel.ends_with("\r\n") && for_excel.contains(";0,"));
}

#[test]
fn the_page_has_every_part_in_both_languages() {
    let report = whole();
    for (language, verdict, number) in [
        (
            Language::English,
            "Of 7 articles, 42.9\u{202F}% were given exactly the right labels.",
            "0.500",
        ),
        (
            Language::French,
            "Sur 7 articles, 42,9\u{202F}% ont reçu exactement les bonnes étiquettes.",
            "0,500",
        ),
    ] {
        let page = html(&report, language);
        assert!(page.contains(&format!("<html lang=\"{}\">", language.code())));
        assert!(page.contains(verdict), "{verdict}");
        assert!(page.contains(number));
        for id in [
            "scores",
            "confusion",
            "curves",
            "calibration",
            "coverage",
            "learning",
            "slices",
            "comparison",
            "terms",
            "review",
            "cleaning",
            "cards",
            "made",
        ] {
            assert_eq!(page.matches(&format!("<section id=\"{id}\">")).count(), 1, "{id}");
            assert!(page.contains(&format!("<a href=\"#{id}\">")), "{id}");
        }
        // Every link within the page leads somewhere, and no two parts have one name.
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let distinct: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{ids:?}");
        for target in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(distinct.contains(target), "{target}");
        }
        // One file: nothing is fetched.
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            let page = page.replace("http://www.w3.org", "");
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("<mark>attaque</mark>"));
    }
}

#[test]
fn what_is_undefined_says_why_and_is_no_number() {
    let labels = names(&["a", "b"]);
    let articles = [Evaluated::new(
        article("1", "t", "x", "other"),
        predicted(&[0.1, 0.2], 0.7, Decision::Review),
    )];
    let report = Report::new(ReportSource {
        labels: &labels,
        task: Task::AnyLabels,
        thresholds: &[0.5, 0.5],
        articles: &articles,
        models: &[],
        learning_curve: &[],
        second: None,
        near_duplicates: None,
        setup: setup("c"),
    });
    let page = html(&report, Language::English);
    assert!(page.contains("<abbr title=\"Undefined: no article was given this label.\">–</abbr>"));
    assert!(page.contains("<abbr title=\"Undefined: no article has this label.\">–</abbr>"));
    assert!(page.contains("No article has this label: there is no curve."));
    let text = page.split("<script>").next().unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    let page = html(&report, Language::French);
    assert!(
        page.contains(
            "<abbr title=\"Non défini\u{202F}: aucun article n’a reçu cette étiquette.\">"
        )
    );
}

const HOSTILE: &str =
    "</script><script>alert(1)</script><img src=x onerror=\"alert(2)\">'\"&amp;{{ 7*7 }}<!--";

fn hostile() -> Report {
    let label = "<script>alert(3)</script>\"'&";
    let labels = names(&[label, "b"]);
    let mut evaluated = Evaluated::new(
        article(HOSTILE, HOSTILE, &format!("{HOSTILE} Fin."), "b"),
        predicted(&[0.9, 0.1], 0.8, Decision::Accept),
    );
    evaluated.article.source = Some(HOSTILE.to_owned());
    evaluated.article.date = Some(HOSTILE.to_owned());
    evaluated.reasons = vec![reason(label, HOSTILE, "alert")];
    evaluated.page.dropped = vec![(Reason::Share, HOSTILE.to_owned())];
    let mut unknown = evaluated.clone();
    unknown.article.labels = Some(LabelSet::parse(HOSTILE));
    let articles = [evaluated, unknown];
    let second = [predicted(&[0.1, 0.9], 0.8, Decision::Accept), articles[1].classified.clone()];
    let models = [ModelFacts {
        chosen: HOSTILE.to_owned(),
        thresholds: vec![0.5, 0.5],
        telling_terms: vec![vec![(HOSTILE.to_owned(), 1.0)], Vec::new()],
        ..ModelFacts::default()
    }];
    let steps = [LearningStep { share: 0.5, articles: 1.0, predicted: Err(HOSTILE.to_owned()) }];
    Report::new(ReportSource {
        labels: &labels,
        task: Task::AnyLabels,
        thresholds: &[0.5, 0.5],
        articles: &articles,
        models: &models,
        learning_curve: &steps,
        second: Some(SecondModel {
            name: HOSTILE.to_owned(),
            labels: &labels,
            classified: &second,
        }),
        near_duplicates: None,
        setup: Setup {
            command: HOSTILE.to_owned(),
            inputs: vec![HOSTILE.to_owned()],
            model: HOSTILE.to_owned(),
            ..setup("")
        },
    })
}

#[test]
fn a_hostile_article_is_text_everywhere() {
    let page = html(&hostile(), Language::English);
    // Ours: the data block and the script. No other script, and no element that only an article could have brought.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    for element in ["<img", "<!--", "onerror=\"alert"] {
        assert!(!page.contains(element), "{element}");
    }
    assert!(page.contains("&#60;img src=x") || page.contains("&lt;img src=x"));
    // The data block gives back what was put in.
    let block =
        page.split("id=\"review-data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    assert_eq!(data["rows"][0][0], HOSTILE);
    assert_eq!(data["rows"][0][1], HOSTILE);
    assert_eq!(data["labels"][0], "<script>alert(3)</script>\"'&");
}

/// As many articles, labels and long strings as one likes: the file stays below 1.5 MB, and says what it leaves out.
#[test]
fn the_page_stays_small_whatever_the_corpus() {
    for (articles, labels, long) in [(100_000, 3, false), (3_000, 60, false), (2_000, 2, true)] {
        let labels: Vec<String> = (0..labels).map(|l| format!("label_{l:02}")).collect();
        let cases: Vec<Evaluated> = (0..articles)
            .map(|i: usize| {
                let n = labels.len();
                let (truth, given) = (i % n, if i.is_multiple_of(3) { (i / 3) % n } else { i % n });
                let mut probabilities = vec![0.02; n];
                probabilities[given] = 0.5 + (i % 997) as f64 / 2000.0;
                let text = format!("Le texte numéro {i} parle de choses et d’autres. ")
                    .repeat(if long { 400 } else { 20 });
                let title = if long { "Titre ".repeat(5000) } else { format!("Titre {i}") };
                let confidence = (i % 1009) as f64 / 1009.0;
                let decision = if confidence > 0.3 { Decision::Accept } else { Decision::Review };
                let article = Article {
                    source: Some(format!("Source {}", i % 500)),
                    date: Some(format!("{}-01-01", 1990 + i % 40)),
                    ..article(&format!("n{i}"), &title, &text, &labels[truth])
                };
                let mut evaluated =
                    Evaluated::new(article, predicted(&probabilities, confidence, decision));
                evaluated.page.words = i % 1500;
                if i.is_multiple_of(50) {
                    evaluated.reasons = vec![reason(&labels[given], &text, "parle")];
                }
                evaluated
            })
            .collect();
        let report = Report::new(ReportSource {
            labels: &labels,
            task: Task::OneLabel,
            thresholds: &[],
            articles: &cases,
            models: &[],
            learning_curve: &[],
            second: None,
            near_duplicates: None,
            setup: setup("c"),
        });
        let page = html(&report, Language::French);
        assert!(page.len() < 1_500_000, "{articles} articles: {} bytes", page.len());
        assert!(page.len() > 400_000 || long, "{articles} articles: {} bytes", page.len());
        assert!(page.contains("pour que ce fichier reste léger"));
        assert!(page.contains("id=\"cases\""));
    }
}
