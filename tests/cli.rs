//! The binary as a process: what other programs and people at a terminal rely on.

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use common::{column, csv, records, rows, write};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

/// A model of several topics and one of one label, trained once by the binary itself, fast and without tuning.
struct Trained {
    folder: TempDir,
}

static TRAINED: LazyLock<Trained> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let topics = write(folder.path(), "topics.csv", csv(&rows(12, true)));
    let one = write(folder.path(), "one.csv", csv(&rows(12, false)));
    for (corpus, name) in [(&topics, "topics.rubrique"), (&one, "one.rubrique")] {
        rubrique()
            .args(["train", "--no-tune", "--quiet", "--model"])
            .args([&folder.path().join(name), corpus])
            .assert()
            .code(0);
    }
    Trained { folder }
});

impl Trained {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

/// `rubrique classify` with the model of topics.
fn classify() -> Command {
    let mut command = rubrique();
    command.args(["classify", "--model"]).arg(TRAINED.path("topics.rubrique"));
    command
}

fn stdout(command: &mut Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).unwrap()
}

/// An error: exit 2, nothing on standard output, and one chain that says all of `parts`.
fn fails(command: &mut Command, parts: &[&str]) {
    let output = command.assert().code(2).stdout("").get_output().clone();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: "), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    for part in parts {
        assert!(message.contains(part), "\"{part}\" is not said: {message}");
    }
}

fn text(topic: usize) -> String {
    common::TOPICS[topic].1[..3].join(" ")
}

// The commands, end to end.

#[test]
fn train_classify_evaluate_explain_inspect() {
    let folder = TempDir::new().unwrap();
    let corpus = write(folder.path(), "corpus.csv", csv(&rows(12, true)));
    let model = folder.path().join("m.rubrique");
    rubrique()
        .args(["train", "--no-tune", "--model"])
        .args([&model, &corpus])
        .assert()
        .code(0)
        .stdout("")
        .stderr(contains("60 articles").and(contains("terrorism")).and(contains("F1")));

    let out = folder.path().join("out.csv");
    rubrique()
        .arg("classify")
        .arg(&corpus)
        .args(["--model".as_ref(), model.as_os_str(), "--output".as_ref(), out.as_os_str()])
        .assert()
        .code(0)
        .stdout("")
        .stderr(contains("60 articles"));
    let table = records(&fs::read_to_string(&out).unwrap());
    assert_eq!(
        table[0],
        [
            "id",
            "title",
            "labels",
            "topics",
            "topic",
            "confidence",
            "p_diplomacy",
            "p_money_laundering",
            "p_terrorism",
            "decision",
            "status",
            "possible"
        ]
    );
    assert_eq!(table.len(), 61);
    let ids: Vec<String> = rows(12, true).into_iter().map(|r| r.id).collect();
    assert_eq!(column(&table, "id"), ids, "in input order");
    let right =
        column(&table, "labels").into_iter().zip(column(&table, "topics")).filter(|(l, t)| {
            let sorted = |s: &str| {
                let mut names: Vec<String> = s.split(';').map(str::to_owned).collect();
                names.sort();
                names
            };
            sorted(l) == sorted(t)
        });
    assert!(right.count() >= 54, "a corpus this plain is learned");
    for row in 0..60 {
        let p: Vec<f64> = ["p_diplomacy", "p_money_laundering", "p_terrorism", "confidence"]
            .iter()
            .map(|name| column(&table, name)[row].parse().unwrap())
            .collect();
        assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{p:?}");
        let topics = &column(&table, "topics")[row];
        let first = if topics.is_empty() { "other" } else { topics.split(';').next().unwrap() };
        assert_eq!(column(&table, "topic")[row], first);
        assert!(["accept", "review"].contains(&column(&table, "decision")[row].as_str()));
        assert_eq!(column(&table, "status")[row], "ok");
        let possible = &column(&table, "possible")[row];
        let given = first == "other" || topics.split(';').all(|t| possible.contains(t));
        assert!(given && !possible.is_empty(), "{topics} is not among {possible}");
    }

    let report = folder.path().join("report");
    rubrique()
        .arg("evaluate")
        .arg(&corpus)
        .args(["--model".as_ref(), model.as_os_str(), "--report".as_ref(), report.as_os_str()])
        .assert()
        .code(0)
        .stdout("")
        .stderr(contains("macro F1"));

    let explained =
        stdout(rubrique().args(["explain", "--json", "--model"]).args([&model, &corpus]), 0);
    assert_eq!(explained.lines().count(), 60);
    let first: Value = serde_json::from_str(explained.lines().next().unwrap()).unwrap();
    assert_eq!(first["id"], "t001");
    assert_eq!(first["topics"].as_array().unwrap().len(), 3);
    assert_eq!(first["topics"][0]["topic"], "money_laundering");
    let shown = stdout(rubrique().args(["explain", "--model"]).args([&model, &corpus]), 0);
    assert!(shown.contains("* money_laundering  p ="), "{shown}");

    let card = stdout(rubrique().args(["inspect", "--json"]).arg(&model), 0);
    let card: Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["labels"].as_array().unwrap().len(), 3);
    assert_eq!(card["card"]["articles"], 60);
    assert_eq!(card["card"]["without_topic"], 12);
    let shown = stdout(rubrique().arg("inspect").arg(&model), 0);
    for name in ["diplomacy", "money_laundering", "terrorism"] {
        assert!(shown.contains(name), "{shown}");
    }
}

#[test]
fn the_press_model_is_there_wherever_the_binary_runs() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "a.csv", csv(&rows(1, true)));
    let out =
        stdout(rubrique().current_dir(folder.path()).args(["classify", "a.csv", "--quiet"]), 0);
    let table = records(&out);
    assert_eq!(table.len(), 6);
    for name in ["p_diplomacy", "p_money_laundering", "p_terrorism"] {
        column(&table, name);
    }
    let card = stdout(rubrique().current_dir(folder.path()).args(["inspect", "--json"]), 0);
    let card: Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["labels"], serde_json::json!(["diplomacy", "money_laundering", "terrorism"]));
}

#[test]
fn one_label_an_article_needs_no_other() {
    let input = csv(&rows(3, false));
    let mut command = rubrique();
    command.args(["classify", "-", "--quiet", "--model"]).arg(TRAINED.path("one.rubrique"));
    let table = records(&stdout(command.write_stdin(input), 0));
    assert_eq!(column(&table, "topics"), column(&table, "topic"));
    assert_eq!(column(&table, "topics"), column(&table, "labels"));
    for row in 0..9 {
        let p = ["p_diplomacy", "p_money_laundering", "p_terrorism"]
            .map(|name| column(&table, name)[row].parse::<f64>().unwrap());
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 2e-4, "{p:?}");
    }
}

#[test]
fn tokenize_gives_spans_in_code_points() {
    let input = "{\"n\": 7, \"text\": \"L'été à Liège : 12 arrestations.\"}\n";
    let out = stdout(rubrique().args(["tokenize", "-"]).write_stdin(input), 0);
    let line: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(line["n"], 7, "other keys pass through");
    let text: Vec<char> = "L'été à Liège : 12 arrestations.".chars().collect();
    let tokens = line["tokens"].as_array().unwrap();
    let spans = line["spans"].as_array().unwrap();
    assert_eq!(tokens.len(), spans.len());
    for (token, span) in tokens.iter().zip(spans) {
        let (start, end) = (span[0].as_u64().unwrap() as usize, span[1].as_u64().unwrap() as usize);
        assert_eq!(token.as_str().unwrap(), text[start..end].iter().collect::<String>());
    }
    assert!(tokens.iter().any(|t| t == "été") && tokens.iter().any(|t| t == "Liège"));
    assert!(line["terms"].as_array().unwrap().iter().any(|t| t == "arrest"));

    // Plain text, a text a line; compressed too.
    let folder = TempDir::new().unwrap();
    let path = write(
        folder.path(),
        "texts.txt.zst",
        zstd::encode_all(&b"Un.\r\nDeux trois\n"[..], 1).unwrap(),
    );
    let out = stdout(rubrique().arg("tokenize").arg(path), 0);
    assert_eq!(out.lines().count(), 2);
    fails(
        rubrique().args(["tokenize", "-"]).write_stdin("{\"texte\": 1}"),
        &["standard input".trim_start_matches("standard input"), "line 1", "text"],
    );
    fails(rubrique().args(["tokenize", "nowhere.txt"]), &["nowhere.txt", "try"]);
}

#[test]
fn clean_shows_what_it_drops() {
    let folder = TempDir::new().unwrap();
    let page = format!("Un accord signé\n\n{}\n\nLire aussi : Un vol au musée\n", text(1));
    let path = write(folder.path(), "page.txt", page);
    let line: Value = serde_json::from_str(&stdout(rubrique().arg("clean").arg(path), 0)).unwrap();
    assert_eq!(line["title"], "Un accord signé");
    assert_eq!(line["body"], text(1));
    assert_eq!(line["dropped"][0]["reason"], "teaser");
    let bad = "id,text\n1,a,b\n";
    rubrique().args(["clean", "-"]).write_stdin(bad).assert().code(1).stderr(contains("record 1"));
}

#[test]
fn help_has_an_example_for_every_command() {
    let names = [
        "train", "merge", "untrain", "classify", "evaluate", "audit", "explain", "inspect",
        "model", "clean", "tokenize",
    ];
    for name in names {
        rubrique()
            .args([name, "--help"])
            .assert()
            .code(0)
            .stdout(contains("Example").and(contains(format!("rubrique {name}"))))
            .stderr("");
    }
    rubrique().arg("--version").assert().code(0).stdout(contains(env!("CARGO_PKG_VERSION")));
    rubrique().assert().code(2).stdout("");
    rubrique().args(["classify", "--no-such-option"]).assert().code(2).stdout("");
    rubrique().args(["classify", "a.csv", "--threads", "0"]).assert().code(2).stdout("");
}

#[test]
fn quiet_says_nothing_and_output_may_be_standard_output() {
    let mut command = classify();
    let assert = command.args(["-", "--output", "-", "--quiet"]).write_stdin(csv(&rows(1, true)));
    let output = assert.assert().code(0).stderr("").get_output().clone();
    assert_eq!(records(&String::from_utf8(output.stdout).unwrap()).len(), 6);
}

// Formats.

/// Every way to write the same three articles gives the same judgements.
#[test]
fn formats_agree() {
    let folder = TempDir::new().unwrap();
    let articles =
        [("a1", "Titre, un", text(0)), ("a2", "Titre deux", text(1)), ("a3", "", text(2))];
    let quoted = |s: &str| format!("\"{}\"", s.replace('"', "\"\""));
    let delimited = |d: &str| {
        let mut out = ["id", "titre", "texte"].join(d) + "\n";
        for (id, title, text) in &articles {
            out += &([id.to_string(), quoted(title), quoted(text)].join(d) + "\n");
        }
        out
    };
    let comma = delimited(",");
    let jsonl: String = articles
        .iter()
        .map(|(id, title, text)| {
            serde_json::json!({"id": id, "titre": title, "texte": text}).to_string() + "\n"
        })
        .collect();
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let utf_16 = |little: bool| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(comma.encode_utf16());
        units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    let windows: Vec<u8> = encoding_rs::WINDOWS_1252.encode(&comma).0.into_owned();
    assert!(String::from_utf8(windows.clone()).is_err(), "the sample has accents");
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("semicolon.csv", delimited(";").into()),
        ("pipe.csv", delimited("|").into()),
        ("tab.csv", delimited("\t").into()),
        ("tab.tsv", delimited("\t").into()),
        ("crlf.csv", comma.replace('\n', "\r\n").into()),
        ("bom.csv", ["\u{FEFF}", &comma].concat().into()),
        ("utf16le.csv", utf_16(true)),
        ("utf16be.csv", utf_16(false)),
        ("windows.csv", windows),
        ("lines.jsonl", jsonl.clone().into()),
        ("lines.ndjson", jsonl.clone().into()),
        ("packed.csv.gz", gzip(comma.as_bytes())),
        ("twice.csv.gz", [gzip(&comma.as_bytes()[..40]), gzip(&comma.as_bytes()[40..])].concat()),
        ("packed.jsonl.zst", zstd::encode_all(jsonl.as_bytes(), 1).unwrap()),
    ];
    let expected = stdout(classify().args(["-", "--quiet"]).write_stdin(comma.clone()), 0);
    assert_eq!(
        column(&records(&expected), "topics"),
        ["money_laundering", "diplomacy", "terrorism"]
    );
    for (name, bytes) in &files {
        let path = write(folder.path(), name, bytes);
        let run = classify().arg(path).arg("--quiet").assert().code(0).get_output().clone();
        assert_eq!(String::from_utf8(run.stdout).unwrap(), expected, "{name}");
        let said = String::from_utf8(run.stderr).unwrap();
        assert_eq!(said.contains("read as windows-1252"), *name == "windows.csv", "{name}: {said}");
        // The name tells the format of a file; standard input is looked at.
        if !name.ends_with(".tsv") {
            let piped = stdout(classify().args(["-", "--quiet"]).write_stdin(bytes.clone()), 0);
            assert_eq!(piped, expected, "{name} on standard input");
        }
    }
    let odd = write(folder.path(), "articles.data", &comma);
    fails(classify().arg(&odd), &["articles.data", "format", "--format"]);
    assert_eq!(stdout(classify().arg(&odd).args(["--quiet", "--format", "csv"]), 0), expected);
    let other = write(folder.path(), "colon.csv", delimited(":"));
    let given = classify().arg(other).args(["--quiet", "--delimiter", ":"]).output().unwrap();
    assert_eq!(String::from_utf8(given.stdout).unwrap(), expected);
}

#[test]
fn quoted_newlines_stay_in_their_cell() {
    let input = format!("id,text\n1,\"{}\n\n« {} »\"\n2,\"{}\"\n", text(0), text(0), text(2));
    let table =
        records(&stdout(classify().args(["-", "--quiet", "--keep-text"]).write_stdin(input), 0));
    assert_eq!(table.len(), 3);
    assert_eq!(column(&table, "text")[0], format!("{}\n\n« {} »", text(0), text(0)));
}

#[test]
fn a_folder_is_articles_and_its_folders_are_labels() {
    let folder = TempDir::new().unwrap();
    for row in rows(8, false) {
        write(folder.path(), &format!("corpus/{}/{}.txt", row.labels, row.id), &row.text);
    }
    write(folder.path(), "corpus/readme.md", "not an article");
    let corpus = folder.path().join("corpus");
    let model = folder.path().join("m.rubrique");
    rubrique().args(["train", "--no-tune", "--model"]).args([&model, &corpus]).assert().code(0);
    let mut command = rubrique();
    command.args(["classify", "--quiet", "--model"]).args([&model, &corpus]);
    let table = records(&stdout(&mut command, 0));
    assert_eq!(table.len(), 25);
    for (id, topic) in column(&table, "id").iter().zip(column(&table, "topic")) {
        assert_eq!(id.split('/').next(), Some(topic.as_str()));
    }
    assert!(column(&table, "id").is_sorted(), "by name");
    let kept = records(&stdout(command.arg("--keep-text"), 0));
    assert_eq!(column(&kept, "text").len(), 24);
    assert!(column(&kept, "text")[0].len() > 50);

    fails(
        rubrique().args(["train", "--model", "m"]).arg(corpus.join("terrorism/t003.txt")),
        &["t003.txt", "no label"],
    );
    fs::create_dir(folder.path().join("bare")).unwrap();
    fails(classify().arg(folder.path().join("bare")), &["bare", ".txt"]);
    let one = classify()
        .args(["-", "--format", "text", "--quiet"])
        .write_stdin(text(2))
        .output()
        .unwrap();
    assert_eq!(column(&records(&String::from_utf8(one.stdout).unwrap()), "topic"), ["terrorism"]);
}

#[test]
fn inputs_with_different_columns_come_out_together() {
    let folder = TempDir::new().unwrap();
    let a = write(folder.path(), "a.csv", format!("id,text,pays\n1,\"{}\",Belgique\n", text(0)));
    let b = write(
        folder.path(),
        "b.csv",
        format!("texte;id;source;pays\n\"{}\";2;Hebdo;Mali\n", text(1)),
    );
    let c = write(
        folder.path(),
        "c.jsonl",
        serde_json::json!({"article": text(2), "id": 3}).to_string(),
    );
    let d = write(folder.path(), "d/d.txt", text(0));
    let mut command = classify();
    command.args([&a, &b, &c]).arg(d.parent().unwrap()).arg("--quiet");
    let table = records(&stdout(&mut command, 0));
    assert_eq!(table[0][..4], ["id", "pays", "source", "topics"]);
    assert_eq!(column(&table, "id"), ["1", "2", "3", "d.txt"]);
    assert_eq!(column(&table, "pays"), ["Belgique", "Mali", "", ""]);
    assert_eq!(column(&table, "source"), ["", "Hebdo", "", ""]);
    assert_eq!(
        column(&table, "topic"),
        ["money_laundering", "diplomacy", "terrorism", "money_laundering"]
    );
    let kept = records(&stdout(command.arg("--keep-text"), 0));
    assert_eq!(kept[0][..5], ["id", "text", "pays", "source", "topics"]);
    assert_eq!(column(&kept, "text"), [text(0), text(1), text(2), text(0)]);
}

#[test]
fn columns_pass_through_as_they_are() {
    let awkward = "a \"quoted\", cell;\nwith all";
    let mut input = csv::Writer::from_writer(Vec::new());
    input.write_record(["z", "text", "id", "z", "été"]).unwrap();
    input.write_record([awkward, &text(0), "", "second z", " 007 "]).unwrap();
    let input = String::from_utf8(input.into_inner().unwrap()).unwrap();
    let table = records(&stdout(classify().args(["-", "--quiet"]).write_stdin(input.clone()), 0));
    assert_eq!(table[0][..5], ["z", "id", "z", "été", "topics"]);
    assert_eq!(table[1][..4], [awkward, "", "second z", " 007 "]);
    let table =
        records(&stdout(classify().args(["-", "--quiet", "--keep-text"]).write_stdin(input), 0));
    assert_eq!(table[0][..6], ["z", "text", "id", "z", "été", "topics"]);
    assert_eq!(table[1][1], text(0));
}

#[test]
fn columns_are_found_by_usual_names_or_by_option() {
    let input = format!("Numéro,Chapeau,Papier\nx,{},\"{}\"\n", "Titre", text(2));
    fails(
        classify().arg("-").write_stdin(input.clone()),
        &["standard input", "text", "\"Papier\"", "--text-column"],
    );
    let mut command = classify();
    command.args(["-", "--quiet", "--id-column", "Numéro", "--title-column", "chapeau"]);
    let table =
        records(&stdout(command.args(["--text-column", "Papier"]).write_stdin(input.clone()), 0));
    assert_eq!(table[0][..2], ["Numéro", "Chapeau"]);
    assert_eq!(column(&table, "topic"), ["terrorism"]);
    fails(
        classify().args(["-", "--text-column", "Corps"]).write_stdin(input),
        &["column \"Corps\"", "\"Papier\"", "try"],
    );
}

#[test]
fn jsonl_output_has_the_same_content() {
    let mut command = classify();
    command.args(["-", "--quiet", "--output-format", "jsonl", "--explain", "2"]);
    let input = csv(&rows(1, true)) + "vide,,,\n";
    let out = stdout(command.write_stdin(input), 1);
    let lines: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "title",
            "labels",
            "topics",
            "topic",
            "confidence",
            "p_diplomacy",
            "p_money_laundering",
            "p_terrorism",
            "decision",
            "status",
            "possible",
            "why"
        ]
    );
    assert_eq!(lines[0]["topics"], serde_json::json!(["money_laundering"]));
    assert!(lines[0]["p_terrorism"].is_f64());
    assert!(lines[0]["why"].as_str().unwrap().starts_with("money_laundering: "));
    assert_eq!(lines[5]["status"], "empty");
    assert_eq!(lines[5]["confidence"], Value::Null);
}

#[test]
fn explain_adds_a_column_with_reasons() {
    let input = csv(&rows(1, true));
    let out = stdout(classify().args(["-", "--quiet", "--explain", "3"]).write_stdin(input), 0);
    let table = records(&out);
    assert_eq!(table[0].last().unwrap(), "why");
    let why = &column(&table, "why")[0];
    assert!(why.starts_with("money_laundering: "), "{why}");
    assert_eq!(why.split(", ").count(), 3, "{why}");
}

// Labels.

#[test]
fn a_label_cell_may_hold_several_topics_or_none() {
    let folder = TempDir::new().unwrap();
    let mut corpus = rows(12, true);
    for (i, row) in corpus.iter_mut().enumerate() {
        // As people write them: spaces, another order, the names of nothing.
        row.labels = match row.labels.as_str() {
            "" => ["", "other", "Autre", " OTHER "][i % 4].to_owned(),
            both if both.contains(';') => both.split(';').rev().collect::<Vec<_>>().join(" ; "),
            one => format!(" {one};"),
        };
    }
    let path = write(folder.path(), "c.csv", csv(&corpus));
    let model = folder.path().join("m.rubrique");
    rubrique().args(["train", "--no-tune", "-q", "--model"]).args([&model, &path]).assert().code(0);
    assert_eq!(fs::read(model).unwrap(), fs::read(TRAINED.path("topics.rubrique")).unwrap());
}

#[test]
fn labels_the_model_does_not_know_are_told() {
    let folder = TempDir::new().unwrap();
    let mut corpus = rows(3, true);
    corpus[1].labels = "sport".to_owned();
    let path = write(folder.path(), "c.csv", csv(&corpus));
    let report = folder.path().join("report");
    rubrique()
        .args(["evaluate", "--model"])
        .arg(TRAINED.path("topics.rubrique"))
        .arg("--report")
        .args([&report, &path])
        .assert()
        .code(1)
        .stderr(contains("sport").and(contains("does not know")));
    let metrics: Value =
        serde_json::from_slice(&fs::read(report.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(metrics["unknown_labels"]["sport"], 1);
    assert!(metrics["accuracy"].as_f64().unwrap() < 1.0);
}

// Bad input.

#[test]
fn what_cannot_be_read_is_said_with_place_and_advice() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &str| write(folder.path(), name, content);
    fails(classify().arg("nowhere.csv"), &["nowhere.csv", "no such file", "try"]);
    fails(classify().arg(file("empty.csv", "")), &["empty.csv", "empty", "try"]);
    fails(classify().arg(file("empty.jsonl", "")), &["empty.jsonl", "empty", "try"]);
    fails(classify().arg(file("no.jsonl", "[1]\n2\n")), &["no.jsonl", "JSON", "try"]);
    fails(classify().arg("-").write_stdin(""), &["standard input", "empty"]);
    fails(
        classify().arg(file("c.csv", "id,nom\n1,x\n")),
        &["c.csv", "line 1", "\"nom\"", "--text-column"],
    );
    let unlabelled = file("u.csv", &format!("id,text\n1,\"{}\"\n", text(0)));
    let model = folder.path().join("m");
    fails(
        rubrique().arg("train").arg(&unlabelled).arg("--model").arg(&model),
        &["u.csv", "labels", "--label-column"],
    );
    fails(
        rubrique().arg("evaluate").arg(&unlabelled).arg("--report").arg(folder.path().join("r")),
        &["u.csv", "labels", "--label-column"],
    );
    assert!(!model.exists() && !folder.path().join("r").exists());
    // A header without rows is no error: no row in, none out.
    let table = records(&stdout(classify().arg(file("h.csv", "id,text\n")).arg("--quiet"), 0));
    assert_eq!(table.len(), 1);
    // The second of two inputs is missing: told before anything is written.
    let out = folder.path().join("out.csv");
    fails(
        classify().arg(&unlabelled).arg("nowhere.csv").arg("--output").arg(&out),
        &["nowhere.csv"],
    );
    assert!(!out.exists());
}

#[test]
fn bad_rows_come_out_with_their_status() {
    let english = "The ministers of both countries met on Thursday in the capital and signed an agreement \
                   on judicial cooperation, according to a statement that was published in the evening.";
    let mut input = b"id,title,text\n".to_vec();
    input.extend(format!("ok,,\"{}\"\n", text(0)).bytes());
    input.extend(b"ragged,too,many,cells,here\n");
    input.extend(b"short\n");
    input.extend(b"empty,,\n");
    input.extend(b"blank,  ,\" \n \"\n");
    input.extend(b"brief,,Oui.\n");
    input.extend(b"unknown,,zyx wvu tsr qpo\n");
    input.extend(format!("english,,\"{english}\"\n").bytes());
    // Latin-1 in one cell of a file that is UTF-8 otherwise.
    input.extend(b"latin,,\"");
    input.extend(encoding_rs::WINDOWS_1252.encode(&text(2)).0.iter());
    input.extend(b" \xE9t\xE9\"\n");
    input.extend(b"nul,,\"a\0b c d\"\n");
    let assert = classify().arg("-").arg("--keep-text").write_stdin(input).assert().code(1);
    let output = assert.get_output();
    let table = records(&String::from_utf8(output.stdout.clone()).unwrap());
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    let by_id: Vec<(String, String)> =
        column(&table, "id").into_iter().zip(column(&table, "status")).collect();
    let expected = [
        ("ok", "ok"),
        ("ragged", "unreadable"),
        ("short", "unreadable"),
        ("empty", "empty"),
        ("blank", "empty"),
        ("brief", "too_short"),
        ("unknown", "no_known_terms"),
        ("english", "not_french"),
        ("latin", "ok"),
    ];
    assert_eq!(by_id.len(), expected.len() + 1, "no row is dropped");
    for ((id, status), (expected_id, expected)) in by_id.iter().zip(expected) {
        assert_eq!((id.as_str(), status.as_str()), (expected_id, expected));
    }
    assert_eq!(column(&table, "topic")[8], "terrorism");
    assert!(column(&table, "text")[8].ends_with(" été"));
    for row in 1..8 {
        assert_eq!(column(&table, "topics")[row], "");
        assert_eq!(column(&table, "confidence")[row], "");
        assert_eq!(column(&table, "p_terrorism")[row], "");
        assert_eq!(column(&table, "decision")[row], "review");
    }
    for part in ["record 2", "line 3", "5 cells", "unreadable 2", "empty 2", "not_french 1"] {
        assert!(message.contains(part), "\"{part}\" is not said: {message}");
    }
}

#[test]
fn a_bad_json_line_does_not_stop_the_batch() {
    let input = format!(
        "{}\nnot json\n\n{}\n",
        serde_json::json!({"id": "a", "text": text(0)}),
        serde_json::json!({"id": "b", "text": text(1), "tags": ["x", "y"]})
    );
    let mut command = classify();
    let assert = command.args(["-", "--format", "jsonl"]).write_stdin(input).assert().code(1);
    let output = assert.get_output();
    let table = records(&String::from_utf8(output.stdout.clone()).unwrap());
    assert_eq!(column(&table, "status"), ["ok", "unreadable", "ok"]);
    assert_eq!(column(&table, "tags"), ["", "", "x;y"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("record 2, line 2"));
}

#[test]
fn a_long_first_json_line_still_tells_the_columns() {
    let long = text(0) + &" encore".repeat(30_000);
    let input = serde_json::json!({"url": "u1", "papier": long}).to_string() + "\n";
    let packed = zstd::encode_all(input.as_bytes(), 1).unwrap();
    let mut command = classify();
    command.args(["-", "--quiet", "--text-column", "papier"]).write_stdin(packed);
    let table = records(&stdout(&mut command, 0));
    assert_eq!(column(&table, "url"), ["u1"]);
    assert_eq!(column(&table, "status"), ["ok"]);
}

#[test]
fn training_leaves_out_bad_rows_and_says_so() {
    let folder = TempDir::new().unwrap();
    let path = write(folder.path(), "c.csv", csv(&rows(12, true)) + "x,ragged\ny,,,terrorism\n");
    let model = folder.path().join("m.rubrique");
    rubrique()
        .args(["train", "--no-tune", "--model"])
        .args([&model, &path])
        .assert()
        .code(1)
        .stderr(contains("1 articles left out: unreadable").and(contains("left out: empty")));
    assert_eq!(fs::read(model).unwrap(), fs::read(TRAINED.path("topics.rubrique")).unwrap());
}

#[test]
fn thresholds_are_fitted_to_the_targets_asked_for() {
    let folder = TempDir::new().unwrap();
    let corpus = TRAINED.path("topics.csv");
    let trained = |name: &str, options: &[&str]| -> (PathBuf, String) {
        let model = folder.path().join(name);
        let mut command = rubrique();
        command.args(["train", "--no-tune", "--model"]).args([&model, &corpus]).args(options);
        let output = command.assert().code(0).get_output().clone();
        (model, String::from_utf8(output.stderr).unwrap())
    };
    let (model, said) =
        trained("m", &["--target", "precision=0.8,terrorism:recall=0.9", "--coverage", "0.8"]);
    assert!(said.contains("terrorism is given from"), "{said}");
    assert!(said.contains("for recall=0.9"), "{said}");
    assert!(said.contains("coverage of 0.8"), "{said}");
    let shown = stdout(rubrique().arg("inspect").arg(&model), 0);
    assert!(shown.contains("for recall=0.9") && shown.contains("for precision=0.8"), "{shown}");
    let json = stdout(rubrique().args(["inspect", "--json"]).arg(&model), 0);
    let card: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(card["settings"]["targets"]["by_topic"]["terrorism"]["recall"], 0.9);
    let topic = &card["card"]["topics"][2];
    assert_eq!((&topic["name"], &topic["target"]["recall"]), (&"terrorism".into(), &0.9.into()));
    assert_eq!(topic["target_reached"], true);
    assert!(topic["recall"].as_f64().unwrap() >= 0.9, "{topic}");
    let sets = &card["card"]["sets"];
    assert_eq!(sets["stated"], 0.8);
    assert!(sets["covered"].as_f64().unwrap() > 0.5, "{sets}");

    // No handful of articles can promise so much.
    let (_, said) =
        trained("high", &["--target", "recall=0.999", "--target", "diplomacy:precision=0.999"]);
    assert!(said.contains("warning: diplomacy does not reach precision=0.999"), "{said}");
    assert!(said.contains("articles on terrorism are too few to promise recall=0.999"), "{said}");

    let refused = |corpus: &Path, options: &[&str], parts: &[&str]| {
        let mut command = rubrique();
        fails(
            command.args(["train", "--no-tune", "--model", "m"]).arg(corpus).args(options),
            parts,
        );
    };
    let known = ["sport", "diplomacy, money_laundering, terrorism"];
    refused(&corpus, &["--target", "sport:recall=0.9"], &known);
    refused(&corpus, &["--target", "precision=1"], &["target", "below 1"]);
    refused(&corpus, &["--target", "f2"], &["f2", "precision=0.9"]);
    refused(&corpus, &["--coverage", "1"], &["coverage", "below 1"]);
    let one = TRAINED.path("one.csv");
    refused(&one, &["--target", "recall=0.9"], &["one label", "--target"]);
}

#[test]
fn corpora_that_teach_nothing_are_refused() {
    let folder = TempDir::new().unwrap();
    let model = folder.path().join("m.rubrique");
    let train = |rows: &[common::Row], parts: &[&str]| {
        let path = write(folder.path(), "c.csv", csv(rows));
        fails(rubrique().args(["train", "--model"]).args([&model, &path]), parts);
        assert!(!model.exists());
    };
    train(&[], &["no article", "try"]);
    let mut same = rows(5, false);
    same.iter_mut().for_each(|r| r.labels = "sport".into());
    train(&same, &["same label", "sport", "try"]);
    same.iter_mut().for_each(|r| r.labels = "other".into());
    train(&same, &["no article has a label", "--label-column"]);
    fails(
        rubrique()
            .args(["train", "--alpha", "0", "--model"])
            .args([&model, &folder.path().join("c.csv")]),
        &["alpha", "above 0"],
    );
}

// Model files.

#[test]
fn model_files_are_never_trusted() {
    let folder = TempDir::new().unwrap();
    let good = fs::read(TRAINED.path("topics.rubrique")).unwrap();
    let articles = write(folder.path(), "a.csv", csv(&rows(1, true)));
    let refuse = |name: &str, bytes: &[u8], parts: &[&str]| {
        let model = write(folder.path(), name, bytes);
        let all: Vec<&str> = [name].iter().chain(parts).copied().collect();
        fails(rubrique().arg("classify").arg(&articles).arg("--model").arg(&model), &all);
        fails(rubrique().arg("inspect").arg(&model), &all);
        fails(rubrique().arg("explain").arg(&articles).arg("--model").arg(&model), &all);
        fails(rubrique().args(["tokenize", "-", "--model"]).arg(&model).write_stdin("x"), &all);
    };
    let mut newer = good.clone();
    newer[8..12].copy_from_slice(&99u32.to_le_bytes());
    refuse("newer", &newer, &["version 99", "try", "newer release"]);
    let mut zero = good.clone();
    zero[8..12].copy_from_slice(&0u32.to_le_bytes());
    refuse("zero", &zero, &["version 0"]);
    refuse("nothing", b"", &["too short", "try"]);
    refuse("stub", b"rubr", &["too short"]);
    refuse("header", &good[..30], &["cut short"]);
    refuse("half", &good[..good.len() / 2], &["checksum", "try"]);
    refuse("almost", &good[..good.len() - 1], &["checksum"]);
    for at in [60, good.len() / 2, good.len() - 1] {
        let mut altered = good.clone();
        altered[at] ^= 1;
        refuse("altered", &altered, &["checksum"]);
    }
    let mut longer = good.clone();
    longer[13] ^= 1;
    refuse("longer", &longer, &["length", "try"]);
    refuse("other", b"id,title,text\n1,2,3 and more of it\n", &["no file of rubrique", "try"]);

    let shard = folder.path().join("shard.counts");
    let corpus = TRAINED.path("topics.csv");
    rubrique().args(["train", "--counts"]).args([&shard, &corpus]).assert().code(0).stdout("");
    refuse("shard.counts", &fs::read(&shard).unwrap(), &["shard", "merge"]);
    fails(
        rubrique().args(["merge", "--model", "m"]).arg(TRAINED.path("topics.rubrique")),
        &["topics.rubrique", "a model, not a shard", "try"],
    );
    fails(
        rubrique().args(["merge", "--model", "m", "nowhere.counts"]),
        &["nowhere.counts", "no such file"],
    );
    fails(rubrique().arg("inspect").arg("nowhere"), &["nowhere", "no such file"]);
    fails(rubrique().arg("inspect").arg(folder.path()), &[folder.path().to_str().unwrap()]);
}

/// Whatever byte is wrong, the checksum or a check of the content finds it; none makes it panic.
#[test]
fn any_altered_byte_is_found() {
    let good = fs::read(TRAINED.path("topics.rubrique")).unwrap();
    let path = Path::new("altered");
    assert!(rubrique::Classifier::from_bytes(&good, path).is_ok());
    let step = (good.len() / 300).max(1);
    for at in (0..60).chain((60..good.len()).step_by(step)) {
        let mut altered = good.clone();
        altered[at] = altered[at].wrapping_add(1);
        assert!(rubrique::Classifier::from_bytes(&altered, path).is_err(), "byte {at}");
        assert!(rubrique::Classifier::from_bytes(&good[..at], path).is_err(), "cut at {at}");
    }
}

#[test]
fn shards_merge_into_the_model_of_the_whole() {
    let folder = TempDir::new().unwrap();
    let corpus = rows(12, true);
    let (a, b) = corpus.split_at(17);
    let mut shards = Vec::new();
    for (name, part) in [("a", a), ("b", b)] {
        let part = write(folder.path(), &format!("{name}.csv"), csv(part));
        let shard = folder.path().join(format!("{name}.counts"));
        rubrique().args(["train", "--counts"]).args([&shard, &part]).assert().code(0);
        shards.push(shard);
    }
    let model = folder.path().join("m.rubrique");
    rubrique()
        .args(["merge", "--no-tune", "--model"])
        .arg(&model)
        .args(shards.iter().rev())
        .assert()
        .code(0);
    assert_eq!(fs::read(&model).unwrap(), fs::read(TRAINED.path("topics.rubrique")).unwrap());
    let other = folder.path().join("other.counts");
    rubrique()
        .args(["train", "--stemming", "none", "--counts"])
        .args([&other, &folder.path().join("a.csv")])
        .assert()
        .code(0);
    fails(
        rubrique().args(["merge", "--model", "m2"]).args([&shards[0], &other]),
        &["other.counts", "different settings", "same options"],
    );
}

/// New articles added to the counts of the old ones give the model, and the counts, of all articles at once.
#[test]
fn articles_added_later_equal_one_run_over_everything() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let corpus = rows(12, true);
    for (name, part) in [("a", 0..20), ("b", 20..45), ("c", 45..60), ("all", 0..60)] {
        write(folder.path(), &format!("{name}.csv"), csv(&corpus[part]));
    }
    let train = |input: &str, options: &[&str]| {
        let mut command = rubrique();
        command.current_dir(folder.path()).args(["train", "--no-tune", "-q", input]).args(options);
        command
    };
    train("all.csv", &["--counts", "all.counts", "--model", "all.rubrique"]).assert().code(0);
    assert_eq!(
        fs::read(path("all.rubrique")).unwrap(),
        fs::read(TRAINED.path("topics.rubrique")).unwrap(),
        "writing the counts beside it does not change the model"
    );
    train("a.csv", &["--counts", "a.counts"]).assert().code(0);
    train("b.csv", &["--counts", "b.counts"]).assert().code(0);
    // One after the other, and several at once.
    train("b.csv", &["--add-to", "a.counts", "--counts", "ab.counts"]).assert().code(0);
    for (name, earlier) in [
        ("grown", &["--add-to", "ab.counts"][..]),
        ("at-once", &["--add-to", "b.counts", "--add-to", "a.counts"]),
    ] {
        let (model, counts) = (format!("{name}.rubrique"), format!("{name}.counts"));
        let out = ["--model", &model, "--counts", &counts];
        train("c.csv", &[earlier, &out].concat()).assert().code(0);
        assert_eq!(
            fs::read(path(&model)).unwrap(),
            fs::read(path("all.rubrique")).unwrap(),
            "{name}"
        );
        assert_eq!(
            fs::read(path(&counts)).unwrap(),
            fs::read(path("all.counts")).unwrap(),
            "{name}"
        );
    }
    // What was counted otherwise cannot be added to, and a model is no counts.
    for (options, names) in
        [(&["--stemming", "none"][..], "(stemming)"), (&["--zones", "1-1-1"], "(zones)")]
    {
        let options = [&["--add-to", "a.counts", "--model", "m"], options].concat();
        fails(
            &mut train("c.csv", &options),
            &["a.counts", "cannot be added to", "different settings", names, "same options"],
        );
    }
    fails(
        &mut train("c.csv", &["--add-to", "all.rubrique", "--model", "m"]),
        &["all.rubrique", "a model, not a shard", "--counts"],
    );
    assert!(!path("m").exists());
}

#[test]
fn topics_may_be_described_in_words() {
    let folder = TempDir::new().unwrap();
    let corpus = write(folder.path(), "c.csv", csv(&rows(12, true)));
    let toml = write(
        folder.path(),
        "t.toml",
        "sport = [\"tennis\"]\n[diplomacy]\nlégation = 2\n".replace("légation", "\"légation\""),
    );
    let table =
        write(folder.path(), "t.csv", "topic,term,weight\nsport,tennis,\ndiplomacy,légation,2\n");
    let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    let counts = folder.path().join("counts");
    let said = rubrique()
        .args(["train", "--no-tune", "--topic-terms"])
        .args([&toml, &corpus])
        .arg("--model")
        .arg(&a)
        .arg("--counts")
        .arg(&counts)
        .assert()
        .code(0)
        .stderr(contains("60 articles").and(contains("warning: sport has no article")));
    said.stdout("");
    let out = ["--quiet", "--no-tune", "--topic-terms"];
    rubrique()
        .arg("train")
        .args(out)
        .args([&table, &corpus])
        .arg("--model")
        .arg(&b)
        .assert()
        .code(0);
    rubrique()
        .arg("merge")
        .args(out)
        .args([&table, &counts])
        .arg("--model")
        .arg(&c)
        .assert()
        .code(0);
    assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap(), "TOML and CSV say the same");
    assert_eq!(fs::read(&a).unwrap(), fs::read(&c).unwrap(), "so do counts");
    let shown = stdout(rubrique().arg("inspect").arg(&a), 0);
    assert!(shown.contains("told of diplomacy (as 10 articles): légation ×2"), "{shown}");
    assert!(shown.contains("told of sport (as 10 articles): tennis"), "{shown}");
    let card: Value =
        serde_json::from_str(&stdout(rubrique().args(["inspect", "--json"]).arg(&a), 0)).unwrap();
    assert_eq!(card["settings"]["topic_terms"]["diplomacy"]["légation"], 2);
    assert_eq!(card["card"]["articles"], 60);

    rubrique()
        .args(["evaluate", "--cross-validate", "3", "--no-tune", "--topic-terms"])
        .args([&toml, &corpus])
        .arg("--report")
        .arg(folder.path().join("report"))
        .assert()
        .code(0);
    let bad = write(folder.path(), "bad.csv", "topic,term,weight\nsport,tennis,0\n");
    fails(
        rubrique().args(["train", "--model", "m", "--topic-terms"]).args([&bad, &corpus]),
        &["bad.csv", "line 2", "\"tennis\" of sport weighs 0", "1 to 100"],
    );
    fails(
        rubrique().args(["train", "--model", "m", "--topic-terms", "nowhere.toml"]).arg(&corpus),
        &["nowhere.toml", "no such file"],
    );
}

#[test]
fn a_topic_of_one_story_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let mut corpus = rows(12, true);
    for (i, row) in corpus.iter_mut().filter(|row| row.labels.contains("terrorism")).enumerate() {
        row.text += ["", " Zorvex, Quimbal et Ardouz nient."][usize::from(i % 4 > 0)];
    }
    let path = write(folder.path(), "c.csv", csv(&corpus));
    let story = "warning: most articles of terrorism share 5 words that hardly occur elsewhere (ardouz, nient, quimbal, zorvex";
    let model = folder.path().join("m");
    let mut command = rubrique();
    command.args(["train", "--no-tune", "--model"]).args([&model, &path]);
    let said = command.assert().code(0).get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains(story), "{said}");
    assert!(stdout(rubrique().arg("inspect").arg(&model), 0).contains(story));
}

// Output.

#[test]
fn output_is_whole_or_absent() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out.csv");
    let whole = csv(&rows(12, true));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // One header: a second one is a row to report.
    let (header, articles) = whole.split_once('\n').unwrap();
    gzip.write_all(format!("{header}\n{}", articles.repeat(20)).as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let cut = write(folder.path(), "cut.csv.gz", &packed[..packed.len() / 2]);
    fails(classify().arg(&cut).arg("--output").arg(&out), &["cut.csv.gz"]);
    assert!(!out.exists());
    // What stood there before stays as it was.
    fs::write(&out, "before").unwrap();
    fails(classify().arg(&cut).arg("--output").arg(&out), &["cut.csv.gz"]);
    assert_eq!(fs::read_to_string(&out).unwrap(), "before");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    // The input, what stood there, and what --resume needs.
    let kept = ["out.csv.partial", "out.csv.checkpoint.json"];
    assert_eq!(names.len(), 4, "nothing else is left behind: {names:?}");
    assert!(kept.iter().all(|kept| names.iter().any(|name| name == kept)), "{names:?}");

    let articles = write(folder.path(), "a.csv", &whole);
    let nowhere = folder.path().join("no/such/folder/out.csv");
    fails(classify().arg(&articles).arg("--output").arg(&nowhere), &["out.csv", "try"]);
    fails(classify().arg(&articles).arg("--output").arg(folder.path()), &["folder", "try"]);
    // The output may take the place of the input.
    classify().arg(&articles).arg("--output").arg(&articles).assert().code(0);
    assert_eq!(records(&fs::read_to_string(&articles).unwrap()).len(), 61);
}

#[cfg(unix)]
#[test]
fn devices_and_links_stay_what_they_are() {
    let folder = TempDir::new().unwrap();
    let articles = write(folder.path(), "a.csv", csv(&rows(1, true)));
    let target = write(folder.path(), "target.csv", "before");
    let link = folder.path().join("link.csv");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    classify().arg(&articles).arg("--output").arg(&link).assert().code(0);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(records(&fs::read_to_string(&target).unwrap()).len(), 6);

    let null = folder.path().join("null");
    std::os::unix::fs::symlink("/dev/null", &null).unwrap();
    classify().arg(&articles).arg("--output").arg(&null).assert().code(0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_is_success() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let folder = TempDir::new().unwrap();
    // More than a pipe holds, so that the writer meets the closed end.
    let articles = write(folder.path(), "a.csv", {
        let whole = csv(&rows(12, true));
        let (header, body) = whole.split_once('\n').unwrap();
        format!("{header}\n{}", body.repeat(60))
    });
    let model = TRAINED.path("topics.rubrique");
    let commands: [&[&std::ffi::OsStr]; 5] = [
        &[
            "classify".as_ref(),
            articles.as_ref(),
            "--keep-text".as_ref(),
            "--model".as_ref(),
            model.as_ref(),
        ],
        &[
            "explain".as_ref(),
            articles.as_ref(),
            "--json".as_ref(),
            "--model".as_ref(),
            model.as_ref(),
        ],
        &["tokenize".as_ref(), articles.as_ref()],
        &["clean".as_ref(), articles.as_ref()],
        &["inspect".as_ref(), "--json".as_ref(), "--terms".as_ref(), "5000".as_ref()],
    ];
    for args in commands {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("rubrique"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "{args:?}");
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {message}");
        assert!(!message.contains("panicked") && !message.contains("error"), "{args:?}: {message}");
    }
}

// The report.

#[test]
fn evaluate_writes_its_folder() {
    let folder = TempDir::new().unwrap();
    let corpus = write(folder.path(), "c.csv", csv(&rows(12, true)));
    let report = folder.path().join("deep/report");
    rubrique()
        .args(["evaluate", "--cross-validate", "3", "--no-tune", "--report"])
        .args([&report, &corpus])
        .assert()
        .code(0)
        .stdout("")
        .stderr(contains("60 articles"));
    let mut names: Vec<String> = fs::read_dir(&report)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "confusion.csv",
            "errors.csv",
            "manifest.json",
            "metrics.json",
            "per_topic.csv",
            "predictions.csv",
            "report.html"
        ]
    );

    let metrics: Value =
        serde_json::from_slice(&fs::read(report.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(metrics["articles"], 60);
    let bounded = |at: &Value, name: &str| {
        let value = at[name].as_f64().unwrap_or_else(|| panic!("{name} in {at}"));
        let (low, high) = (at["low"][name].as_f64().unwrap(), at["high"][name].as_f64().unwrap());
        assert!(
            low <= value && value <= high && low >= 0.0 && high <= 1.0,
            "{name}: {low} {value} {high}"
        );
    };
    for name in ["accuracy", "micro_f1", "macro_f1"] {
        bounded(&metrics, name);
    }
    for topic in ["terrorism", "diplomacy", "money_laundering"] {
        let topic = &metrics["topics"][topic];
        for name in ["precision", "recall", "f1"] {
            bounded(topic, name);
        }
        // 12 of its own and 8 shared with another.
        assert_eq!(topic["support"], 20);
    }
    assert!(metrics["calibration"]["ece"].is_f64());
    assert!(metrics["coverage"].is_f64());
    assert!(metrics.as_object().unwrap().contains_key("accuracy_at_coverage"));

    let predictions = records(&fs::read_to_string(report.join("predictions.csv")).unwrap());
    let ids: Vec<String> = rows(12, true).into_iter().map(|r| r.id).collect();
    assert_eq!(column(&predictions, "id"), ids, "in input order");
    let wrong = column(&predictions, "correct").iter().filter(|c| *c == "no").count();
    let errors = records(&fs::read_to_string(report.join("errors.csv")).unwrap());
    assert_eq!(errors.len() - 1, wrong);
    let confidences: Vec<f64> =
        column(&errors, "confidence").iter().map(|c| c.parse().unwrap_or(0.0)).collect();
    assert!(confidences.is_sorted_by(|a, b| a >= b), "most confident first: {confidences:?}");
    let exact = metrics["accuracy"].as_f64().unwrap() * 60.0;
    assert!((exact - (60 - wrong) as f64).abs() < 1e-9);

    let confusion = records(&fs::read_to_string(report.join("confusion.csv")).unwrap());
    assert_eq!(confusion[0], ["true", "diplomacy", "money_laundering", "terrorism", "other"]);
    assert_eq!(confusion.len(), 5);
    let per_topic = records(&fs::read_to_string(report.join("per_topic.csv")).unwrap());
    assert_eq!(column(&per_topic, "topic"), ["diplomacy", "money_laundering", "terrorism"]);
    assert_eq!(column(&per_topic, "support"), ["20", "20", "20"]);
    let html = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("money_laundering") && html.contains("</html>"));
    let html = html.replace("<link rel=\"icon\" href=\"data:,\">", "");
    for outside in ["http://", "https://", "<link", "src=\""] {
        assert!(!html.contains(outside), "the report is one file: {outside}");
    }
    // An eighth, a quarter, a half and all of 40 training articles.
    let curve = metrics["learning_curve"].as_array().unwrap();
    let shares: Vec<f64> = curve.iter().map(|p| p["share"].as_f64().unwrap()).collect();
    assert_eq!(shares, [0.125, 0.25, 0.5, 1.0]);
    let articles: Vec<f64> =
        curve.iter().map(|p| p["training_articles"].as_f64().unwrap()).collect();
    assert!(articles.is_sorted_by(|a, b| a < b) && articles[3] == 40.0, "{articles:?}");
    assert_eq!(curve[3]["summary"]["micro_f1"], metrics["micro_f1"]);
    assert_eq!(metrics["models"].as_array().unwrap().len(), 3);
    assert_eq!(metrics["telling_terms"]["terrorism"].as_array().unwrap().len(), 15);
    assert_eq!(metrics["comparison"], Value::Null);
    // The small corpus is made of few sentences.
    assert!(metrics["data"]["near_duplicates"]["clusters"].as_u64().is_some_and(|n| n > 0));
}

#[test]
fn evaluate_compares_slices_and_speaks_french() {
    let folder = TempDir::new().unwrap();
    let share = "Partager sur Facebook";
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["id", "titre", "texte", "labels", "publié le", "journal"]).unwrap();
    for (i, row) in rows(6, true).iter().enumerate() {
        let text = format!("{}\n\n{share}", row.text);
        let (date, source) = (format!("{}-02-03", 2019 + i % 2), ["Le Golfe", "La Savane"][i % 2]);
        table
            .write_record([&row.id, &row.title, &text, &row.labels, &date, &source.to_owned()])
            .unwrap();
    }
    let corpus = write(folder.path(), "c.csv", table.into_inner().unwrap());
    let report = folder.path().join("r");
    let (model, second) = (TRAINED.path("topics.rubrique"), folder.path().join("second.rubrique"));
    let few = write(folder.path(), "few.csv", csv(&rows(4, true)));
    rubrique().args(["train", "--no-tune", "--model"]).args([&second, &few]).assert().code(0);
    rubrique()
        .args(["evaluate", "--lang", "fr", "--model"])
        .arg(&model)
        .arg("--compare")
        .arg(&second)
        .args(["--date-column", "publié le", "--report"])
        .args([&report, &corpus])
        .assert()
        .code(0);
    let metrics: Value =
        serde_json::from_slice(&fs::read(report.join("metrics.json")).unwrap()).unwrap();
    let names = |kind: &str| -> Vec<(String, u64)> {
        let slices = metrics["slices"][kind].as_array().unwrap();
        let name = |s: &Value| s["name"].as_str().unwrap().to_owned();
        slices.iter().map(|s| (name(s), s["articles"].as_u64().unwrap())).collect()
    };
    assert_eq!(names("year"), [("2019".to_owned(), 15), ("2020".to_owned(), 15)]);
    assert_eq!(names("source"), [("La Savane".to_owned(), 15), ("Le Golfe".to_owned(), 15)]);
    assert_eq!(metrics["cleaning"]["kinds"][0]["reason"], "share");
    assert_eq!(metrics["cleaning"]["lines"], 30);
    assert!(metrics["cleaning"]["without"]["micro_f1"].is_f64());
    let comparison = &metrics["comparison"];
    let counts = ["both_right", "only_first_right", "only_second_right", "both_wrong"];
    let sum: u64 = counts.iter().map(|c| comparison["mcnemar"][c].as_u64().unwrap()).sum();
    assert_eq!(sum, 30);
    assert_eq!(comparison["accuracy"]["first"], metrics["accuracy"]);
    assert!(comparison["topics"]["terrorism"]["second"].is_f64());
    let html = fs::read_to_string(report.join("report.html")).unwrap();
    for sentence in ["<html lang=\"fr\">", "Comparaison avec un autre modèle", share, "La Savane"]
    {
        assert!(html.contains(sentence), "{sentence}");
    }
    rubrique()
        .args(["evaluate", "--cross-validate", "3", "--compare"])
        .arg(&model)
        .arg("--report")
        .args([&report, &corpus])
        .assert()
        .code(2)
        .stderr(contains("--compare").and(contains("try: --model M1 --compare M2")));
}

#[test]
fn html_of_articles_is_escaped() {
    let folder = TempDir::new().unwrap();
    let mut corpus = rows(3, true);
    corpus[0].title = "<script>alert(1)</script>".into();
    corpus[0].labels = "terrorism;diplomacy;money_laundering".into();
    let path = write(folder.path(), "c.csv", csv(&corpus));
    let report = folder.path().join("r");
    rubrique()
        .args(["evaluate", "--model"])
        .arg(TRAINED.path("topics.rubrique"))
        .arg("--report")
        .args([&report, &path])
        .assert()
        .code(0);
    let html = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(html.contains("alert(1)") && !html.contains("<script>alert(1)"));
}

#[test]
fn corrected_labels_are_read_back() {
    let folder = TempDir::new().unwrap();
    // Four labels are wrong; a person who sees errors.csv writes the right ones beside them.
    let right = rows(12, true);
    let mut wrong = right.clone();
    for i in [0, 16, 32, 48] {
        wrong[i].labels =
            if right[i].labels.contains("terrorism") { "".into() } else { "terrorism".into() };
    }
    let path = write(folder.path(), "wrong.csv", csv(&wrong));
    let report = folder.path().join("r");
    rubrique()
        .args(["evaluate", "--model"])
        .arg(TRAINED.path("topics.rubrique"))
        .arg("--report")
        .args([&report, &path])
        .assert()
        .code(0);
    let errors = records(&fs::read_to_string(report.join("errors.csv")).unwrap());
    let ids = column(&errors, "id");
    for i in [0, 16, 32, 48] {
        assert!(ids.contains(&wrong[i].id), "{} is an error", wrong[i].id);
    }
    let at = errors[0].iter().position(|c| c == "corrected_labels").unwrap();
    let mut corrected = csv::Writer::from_writer(Vec::new());
    for (i, row) in errors.iter().enumerate() {
        let mut row = row.clone();
        if i > 0 {
            assert_eq!(row[at], "", "for a person to fill in");
            let truth = &right.iter().find(|r| r.id == row[0]).unwrap().labels;
            row[at] = if truth.is_empty() { "other".to_owned() } else { truth.clone() };
        }
        corrected.write_record(&row).unwrap();
    }
    let errors = write(folder.path(), "errors.csv", corrected.into_inner().unwrap());
    let others: Vec<common::Row> = right.iter().filter(|r| !ids.contains(&r.id)).cloned().collect();
    let others = write(folder.path(), "others.csv", csv(&others));
    let model = folder.path().join("m.rubrique");
    rubrique()
        .args(["train", "--no-tune", "--model"])
        .args([&model, &others, &errors])
        .assert()
        .code(0);
    assert_eq!(fs::read(model).unwrap(), fs::read(TRAINED.path("topics.rubrique")).unwrap());
}

/// A run over all unlabelled press articles of the reference material: as many rows, in order, and memory that does
/// not grow with the input.
#[cfg(target_os = "linux")]
#[test]
fn conformance_a_large_run_is_whole_and_small() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let Some(shared) = common::shared() else { return };
    let input = shared.join("data/press-fr/unlabelled.jsonl.gz");
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out.csv");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("rubrique"))
        .args(["classify", "--quiet", "--output"])
        .args([&out, &input])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let code = loop {
        // The kernel keeps the high-water mark; once the process has ended, it is gone.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = mark.and_then(|m| m.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    // 1 where some article was not classified: they come out with their status.
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    assert!(peak > 1_000 && peak < 300_000, "{peak} kB");
    let articles =
        BufReader::new(flate2::read::MultiGzDecoder::new(fs::File::open(input).unwrap()));
    let ids = articles.lines().map(|line| {
        let article: Value = serde_json::from_str(&line.unwrap()).unwrap();
        article["id"].as_str().map_or_else(|| article["id"].to_string(), str::to_owned)
    });
    let table = records(&fs::read_to_string(out).unwrap());
    assert_eq!(table.len(), 28_185 + 1);
    assert!(ids.eq(column(&table, "id")), "in input order");
}

#[test]
fn pages_of_one_source_lose_what_they_share() {
    let folder = TempDir::new().unwrap();
    for page in 0..6 {
        let own = text(page % 3);
        let text =
            format!("{own}\n\nLe lac dans votre poche, où que vous alliez\n\nNuméro {page}. {own}");
        write(folder.path(), &format!("{page}.txt"), text);
    }
    write(folder.path(), "notes.pdf", "x");
    let clean = |options: &[&str]| {
        let mut command = rubrique();
        command.arg("clean").args(options).arg(folder.path());
        command.assert().code(0).stderr(contains("1 files that are neither"));
        stdout(&mut command, 0)
    };
    assert!(clean(&[]).contains("dans votre poche"));
    for line in clean(&["--find-repeated"]).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(!line["body"].as_str().unwrap().contains("dans votre poche"));
        assert_eq!(line["dropped"][0]["reason"], "repeated");
    }
    fails(rubrique().args(["clean", "--find-repeated", "-"]), &["read twice", "try"]);
}

#[test]
fn html_comes_from_files_folders_and_columns() {
    let folder = TempDir::new().unwrap();
    let page = format!(
        "<html><head><title>Un titre assez long | La Gazette</title><meta property='article:published_time' content='2024-05-03'>\
         </head><body><nav><a href=/>Accueil</a></nav><article><h1>Un titre assez long</h1><p>{}</p></article></body></html>",
        text(2)
    );
    fs::create_dir(folder.path().join("pages")).unwrap();
    let file = write(folder.path(), "pages/a.html", &page);
    let quoted = page.replace('"', "\"\"");
    let table = write(folder.path(), "t.csv", format!("id,contenu,brut\n1,,\"{quoted}\"\n"));
    let cell = write(folder.path(), "c.csv", format!("id,text\n1,\"{quoted}\"\n"));
    for (input, options) in [
        (&file, &[][..]),
        (&folder.path().join("pages"), &[]),
        (&table, &["--html-column", "brut"]),
        (&cell, &[]),
    ] {
        let line = stdout(rubrique().arg("clean").args(options).arg(input), 0);
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&line["title"], &line["date"]),
            (&"Un titre assez long".into(), &"2024-05-03".into())
        );
        assert_eq!(line["body"], text(2));
        let table = records(&stdout(classify().args(options).arg(input), 0));
        assert_eq!(column(&table, "topic"), ["terrorism"]);
    }
    let table = records(&stdout(classify().arg(&file), 0));
    assert_eq!(table[0][..3], ["id", "title", "date"]);
}

#[test]
fn excel_output_is_read_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let input = format!("id,title,text\n=1+1,@titre,\"- {}\"\n", text(2));
    let input = write(folder.path(), "a.csv", input);
    let out = folder.path().join("out.csv");
    let options = ["--excel", "--keep-text", "--mapping", "default", "--output"];
    classify().arg(&input).args(options).arg(&out).assert().code(0);
    let bytes = fs::read_to_string(&out).unwrap();
    assert!(
        bytes.starts_with("\u{FEFF}id;title;text;topics;") && bytes.ends_with("\r\n"),
        "{bytes}"
    );
    assert!(
        bytes.contains("\r\n'=1+1;'@titre;'- ") && bytes.contains(";medtop:20000103;TERROR;"),
        "{bytes}"
    );
    let again = records(&stdout(classify().arg(&out).arg("--keep-text"), 0));
    assert_eq!((&*again[1][0], &*again[1][1]), ("=1+1", "@titre"));
    assert!(again[1][2].starts_with("- "));
    fails(
        classify().arg(&input).args(["--excel", "--output-format", "jsonl"]),
        &["--excel", "try"],
    );
}

#[cfg(not(feature = "arrow"))]
#[test]
fn parquet_and_arrow_say_which_build_reads_and_writes_them() {
    let folder = TempDir::new().unwrap();
    let told = predicate::str::contains("the feature arrow");
    // By its name, or by its first bytes.
    for (name, head) in [("a.parquet", "PAR1"), ("a.arrow", "ARROW1"), ("unnamed", "PAR1")] {
        let input = common::write(folder.path(), name, head);
        rubrique().arg("classify").arg(input).assert().code(2).stderr(told.clone());
    }
    rubrique().args(["classify", "-"]).write_stdin("ARROW1").assert().code(2).stderr(told.clone());
    let output = folder.path().join("out.parquet");
    let mut command = rubrique();
    command.args(["classify", "data/articles.csv", "--output"]).arg(&output);
    command.assert().code(2).stderr(told);
    assert!(!output.exists());
}
