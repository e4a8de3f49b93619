//! Labels corrected by people, read back: as `evaluate` wrote them, as spreadsheets save them, as a list of ids.

mod common;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use common::{csv, records, rows, write};
use predicates::str::contains;
use rubrique::Article;
use rubrique::corpus::{LabelSet, ReadOptions, Reader};

fn read(inputs: &[PathBuf]) -> Vec<Article> {
    let options = ReadOptions { join_corrections: true, need_labels: true, ..Default::default() };
    Reader::open(inputs, &options).unwrap().collect::<Result<_, _>>().unwrap()
}

fn labels<'a>(articles: &'a [Article], id: &str) -> &'a [String] {
    let found: Vec<&Article> = articles.iter().filter(|a| a.id == id).collect();
    assert_eq!(found.len(), 1, "{id} is there {} times", found.len());
    found[0].labels.as_ref().unwrap().names()
}

fn table(rows: &[Vec<String>], delimiter: u8, line: &str) -> String {
    let terminator =
        if line == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut out = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .from_writer(Vec::new());
    rows.iter().for_each(|row| out.write_record(row).unwrap());
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

/// What Excel shows of a file written for it.
fn excel_records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(&text.as_bytes()[3..]);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A corpus, and the `errors.csv` of its evaluation with three corrections filled in.
fn reviewed(folder: &Path, excel: bool) -> (PathBuf, Vec<Vec<String>>) {
    let mut corpus = rows(12, true);
    // A text over several lines, with quotes, as articles have.
    for row in &mut corpus {
        row.text =
            format!("« Été » : {}\n\nIl a dit \"non\" ; c’est l’œuvre d’un élève.", row.text);
    }
    let path = write(folder, "corpus.csv", csv(&corpus));
    let _ = Command::cargo_bin("rubrique")
        .unwrap()
        .args(["evaluate", path.to_str().unwrap(), "--report"])
        .arg(folder.join("report"))
        .args(excel.then_some("--excel"))
        .assert();
    let written = std::fs::read_to_string(folder.join("report/errors.csv")).unwrap();
    assert_eq!(written.starts_with("\u{FEFF}id;title;corrected_labels;"), excel);
    let mut errors = if excel { excel_records(&written) } else { records(&written) };
    assert!(errors.len() > 4, "{} errors", errors.len() - 1);
    let corrected = errors[0].iter().position(|c| c == "corrected_labels").unwrap();
    errors[1][corrected] = "diplomacy;terrorism".to_owned();
    errors[2][corrected] = "other".to_owned();
    errors[3][corrected] = " money_laundering ".to_owned();
    (path, errors)
}

/// What the three articles must have become, everything else as it was.
fn assert_corrected(articles: &[Article], errors: &[Vec<String>], corpus: &Path, name: &str) {
    let before = read(&[corpus.to_owned()]);
    assert_eq!(articles.len(), before.len(), "{name}");
    assert_eq!(labels(articles, &errors[1][0]), ["diplomacy", "terrorism"], "{name}");
    assert!(labels(articles, &errors[2][0]).is_empty(), "{name}");
    assert_eq!(labels(articles, &errors[3][0]), ["money_laundering"], "{name}");
    let corrected: Vec<&String> = errors[1..4].iter().map(|row| &row[0]).collect();
    for (article, before) in articles.iter().zip(&before) {
        assert!(article.problem.is_none(), "{name}");
        assert_eq!(article.text, before.text, "{name}");
        if !corrected.contains(&&article.id) {
            assert_eq!(article.labels, before.labels, "{name}: {}", article.id);
        }
    }
}

#[test]
fn errors_csv_written_for_excel_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, errors) = reviewed(folder.path(), true);
    let saved = format!("\u{FEFF}{}", table(&errors, b';', "\r\n"));
    let path = write(folder.path(), "errors-excel.csv", saved);
    assert_corrected(&read(&[corpus.clone(), path]), &errors, &corpus, "written for Excel");
}

#[test]
fn errors_csv_is_read_back_as_every_spreadsheet_saves_it() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, errors) = reviewed(folder.path(), false);
    let comma = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        let decimal = |cell: &String| match cell.parse::<f64>() {
            Ok(_) if cell.contains('.') => cell.replace('.', ","),
            _ => cell.clone(),
        };
        rows.iter().map(|row| row.iter().map(decimal).collect()).collect()
    };
    let cut = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        let short = |cell: &String| cell.chars().take(40).collect();
        rows.iter().map(|row| row.iter().map(short).collect()).collect()
    };
    let windows = |text: &str| {
        let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
        assert!(!lost);
        bytes.into_owned()
    };
    let utf_16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let bom = |text: &str| ["\u{FEFF}", text].concat().into_bytes();
    let french = table(&comma(&errors), b';', "\r\n");
    for (name, file, bytes) in [
        ("as it was written", "errors.csv", table(&errors, b',', "\n").into_bytes()),
        ("French Excel, CSV UTF-8", "errors.csv", bom(&french)),
        ("French Excel, CSV", "errors.csv", windows(&french)),
        ("Excel, Unicode text", "errors.tsv", utf_16(&table(&comma(&errors), b'\t', "\r\n"))),
        ("Excel, CSV", "errors.csv", windows(&table(&errors, b',', "\r\n"))),
        ("LibreOffice, UTF-8", "errors.csv", table(&comma(&errors), b';', "\n").into_bytes()),
        ("LibreOffice, tab", "errors.csv", table(&errors, b'\t', "\n").into_bytes()),
        ("cells cut", "errors.csv", table(&cut(&errors), b';', "\r\n").into_bytes()),
    ] {
        let path = write(folder.path(), file, bytes);
        for inputs in [vec![corpus.clone(), path.clone()], vec![path.clone(), corpus.clone()]] {
            assert_corrected(&read(&inputs), &errors, &corpus, name);
        }
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_list_of_ids_is_enough_and_the_articles_of_errors_csv_are_some_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, errors) = reviewed(folder.path(), false);
    let list: Vec<Vec<String>> = [vec!["id".to_owned(), "corrected_labels".to_owned()]]
        .into_iter()
        .chain(errors[1..].iter().map(|row| vec![row[0].clone(), row[2].clone()]))
        .collect();
    let path = write(folder.path(), "corrections.csv", table(&list, b';', "\r\n"));
    assert_corrected(&read(&[corpus.clone(), path]), &errors, &corpus, "ids and labels");

    let path = write(folder.path(), "errors.csv", table(&errors, b',', "\n"));
    let alone = read(&[path]);
    assert_eq!(alone.len(), errors.len() - 1);
    assert_eq!(labels(&alone, &errors[1][0]), ["diplomacy", "terrorism"]);
    assert!(labels(&alone, &errors[2][0]).is_empty());
    assert!(!alone[0].text.is_empty());
}

#[test]
fn a_later_row_of_the_same_file_corrects_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id,title,text,labels,corrected_labels\n1,Un,Texte un.,a,\n2,Deux,Texte deux.,a,b\n1,Un,,,b\n1,Un,,,c\n";
    let articles = read(&[write(folder.path(), "a.csv", text)]);
    assert_eq!(articles.len(), 2);
    assert_eq!(labels(&articles, "1"), ["c"]);
    assert_eq!(labels(&articles, "2"), ["b"]);
    assert_eq!(articles[0].text, "Texte un.");
}

/// Two corpora may number their articles alike: the title tells which one is meant.
#[test]
fn an_id_that_two_corpora_share_is_told_by_the_title() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), "a.csv", "id,title,text,labels\n1,Un titre,Texte.,a\n");
    let second = write(folder.path(), "b.csv", "id,title,text,labels\n1,Autre chose,Texte.,a\n");
    let text = "id,title,corrected_labels\n1,\"UN TITRE !\",b\n1,Un troisième,c\n7,,c\n";
    let corrections = write(folder.path(), "c.csv", text);
    let articles = read(&[first, corrections, second]);
    let named: Vec<_> = articles.iter().map(|a| a.labels.clone().unwrap()).collect();
    assert_eq!(named[..2], [LabelSet::parse("b"), LabelSet::parse("a")]);
    let problems: Vec<String> = articles[2..]
        .iter()
        .map(|a| format!("{}: {}", a.place, a.problem.as_ref().unwrap()))
        .collect();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("c.csv, record 2, line 3"), "{problems:?}");
    assert!(problems[0].contains("\"1\", whose article has another title"), "{problems:?}");
    assert!(problems[1].contains("line 4") && problems[1].contains("\"7\", which no input has"));
}

#[test]
fn train_tells_what_it_cannot_join_and_learns_from_what_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = write(folder.path(), "corpus.csv", csv(&rows(12, true)));
    let corrections =
        write(folder.path(), "c.csv", "id;corrected_labels\r\nt001;sport\r\nt999;diplomacy\r\n");
    let model = folder.path().join("m.rubrique");
    let train = |inputs: &[&Path]| {
        let mut command = Command::cargo_bin("rubrique").unwrap();
        command.arg("train").args(inputs).args(["--no-tune", "--model"]).arg(&model);
        command.assert()
    };
    train(&[&corpus, &corrections])
        .code(1)
        .stderr(contains("60 articles"))
        .stderr(contains("sport"))
        .stderr(contains("c.csv, record 2, line 3: corrects the labels of the id \"t999\""));
    train(&[&corrections]).code(2).stderr(contains("no input holds the articles"));
    // `classify` gives one row out for each row in, whatever its columns.
    let articles =
        write(folder.path(), "e.csv", "id,text,corrected_labels\n1,Un texte.,a\n1,Un texte.,b\n");
    let out =
        Command::cargo_bin("rubrique").unwrap().arg("classify").arg(&articles).output().unwrap();
    assert_eq!(records(&String::from_utf8(out.stdout).unwrap()).len(), 3);
}
