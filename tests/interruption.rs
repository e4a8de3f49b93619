//! Runs that end before their time: killed at any moment, asked to end, out of room, out of input. No half file under the final name, and
//! `--resume` gives the bytes of a run that nobody interrupted.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use common::interrupted::{
    Dice, beside, generate, json, kill_and_resume, length, rubrique, sample, saved, wait_until,
};
use common::{csv, rows, write};
use tempfile::TempDir;

/// Enough to be interrupted in, at whatever speed.
const ARTICLES: u64 = 30_000;

struct Case {
    folder: TempDir,
    input: PathBuf,
    output: PathBuf,
    /// What an uninterrupted run writes.
    expected: Vec<u8>,
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

impl Case {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let input = folder.path().join("in.csv");
        let (header, pool) = sample();
        generate(&input, &header, &pool, ARTICLES, 1);
        let output = folder.path().join("out/topics.csv");
        fs::create_dir(output.parent().unwrap()).unwrap();
        let mut case = Self { folder, input, output, expected: Vec::new() };
        assert!(case.run(&[]).status.success());
        case.expected = fs::read(&case.output).unwrap();
        assert_eq!(
            names(case.output.parent().unwrap()),
            ["topics.csv", "topics.csv.manifest.json"]
        );
        case.clear();
        case
    }

    fn clear(&self) {
        fs::remove_dir_all(self.output.parent().unwrap()).unwrap();
        fs::create_dir(self.output.parent().unwrap()).unwrap();
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = rubrique();
        command.args(["classify", "--quiet"]).args(more).arg(&self.input);
        command.arg("--output").arg(&self.output);
        command
    }

    fn run(&self, more: &[&str]) -> Output {
        self.command(more).output().unwrap()
    }

    fn stderr(&self, more: &[&str], code: i32) -> String {
        let ended = self.run(more);
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{stderr}");
        stderr
    }

    /// A run that is killed as soon as something is sure of it.
    fn interrupted(&self) {
        let mut child = self.command(&[]).spawn().unwrap();
        assert!(wait_until(&mut child, |_| saved(&self.output) > 0), "it ended before");
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        assert!(!self.output.exists());
    }

    fn assert_complete(&self) {
        assert!(fs::read(&self.output).unwrap() == self.expected, "other bytes");
        assert_eq!(
            names(self.output.parent().unwrap()),
            ["topics.csv", "topics.csv.manifest.json"]
        );
        let manifest = json(&beside(&self.output, ".manifest.json"));
        let digest = blake3::hash(&self.expected).to_hex();
        assert_eq!(manifest["outputs"][0]["blake3"], digest.as_str());
        assert_eq!(manifest["rows"], ARTICLES);
        assert!(manifest["finished"].is_string());
    }
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

#[test]
fn killed_at_any_moment_a_run_goes_on_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let (header, pool) = sample();
    let first = folder.join("first.csv");
    generate(&first, &header, &pool, 6000, 1);
    let second = folder.join("second.csv.gz");
    generate(&folder.join("second.csv"), &header, &pool, 2000, 2);
    let packed = fs::File::create(&second).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(&fs::read(folder.join("second.csv")).unwrap()).unwrap();
    packed.finish().unwrap();
    let lines: String = (0..3000)
        .map(|n| format!("{{\"id\": \"j{n}\", \"text\": \"{} {n}.\"}}\n", common::OTHER[n % 10]))
        .collect();
    let lines = write(folder, "third.jsonl", lines);
    for (n, row) in rows(40, true).iter().enumerate() {
        write(folder, &format!("files/{n:03}.txt"), format!("{}\n\n{}", row.title, row.text));
    }
    let files = folder.join("files");
    let inputs = [&first, &files, &second, &lines];
    let forms: [&[&str]; 3] = [
        &["--keep-text"],
        &["--output-format", "jsonl", "--threads", "1"],
        &["--excel", "--explain", "2"],
    ];
    let mut dice = Dice(7);
    for form in forms {
        let command = |output: &Path| {
            let mut command = rubrique();
            command.args(["classify", "--quiet", "--resume", "--output"]).arg(output);
            command.args(form).args(inputs);
            command
        };
        let whole = folder.join("whole");
        let ended = command(&whole).output().unwrap();
        assert!(ended.status.code().is_some_and(|code| code < 2));
        let expected = fs::read(&whole).unwrap();
        let output = folder.join("killed");
        let killed =
            kill_and_resume(&mut command(&output), &output, expected.len() as u64, 4, &mut dice);
        assert_eq!(killed.status.code(), ended.status.code(), "{}", killed.stderr);
        assert!(fs::read(&output).unwrap() == expected, "{form:?}: other bytes");
        let [one, other] = [&whole, &output].map(|output| json(&beside(output, ".manifest.json")));
        for same in ["rows", "counts", "inputs", "settings", "model"] {
            assert_eq!(one[same], other[same], "{form:?}: {same}");
        }
        assert_eq!(other["inputs"].as_array().unwrap().len(), 4);
        fs::remove_file(&output).unwrap();
        fs::remove_file(&whole).unwrap();
    }
}

#[test]
fn killed_while_it_ends_a_run_is_completed() {
    let case = Case::new();
    let (manifest, checkpoint, partial) = (
        beside(&case.output, ".manifest.json"),
        beside(&case.output, ".checkpoint.json"),
        beside(&case.output, ".partial"),
    );
    assert_eq!(case.stderr(&[], 0), "");
    // The last checkpoint is the manifest; the file has its name, or not yet.
    for is_renamed in [true, false] {
        fs::rename(&manifest, &checkpoint).unwrap();
        fs::write(beside(&checkpoint, ".new"), "{\"half").unwrap();
        if !is_renamed {
            fs::rename(&case.output, &partial).unwrap();
            fs::write(&manifest, "of an earlier run").unwrap();
        }
        case.stderr(&["--resume"], 0);
        fs::remove_file(beside(&checkpoint, ".new")).unwrap();
        case.assert_complete();
    }
    // Between manifest and the end of the checkpoint.
    fs::copy(&manifest, &checkpoint).unwrap();
    case.stderr(&["--resume"], 0);
    case.assert_complete();
    // Results that somebody changed are not taken for ours.
    fs::copy(&manifest, &checkpoint).unwrap();
    fs::write(&case.output, "something else").unwrap();
    let told = case.stderr(&["--resume"], 2);
    assert!(told.contains("have changed") && told.contains("without --resume"), "{told}");
    case.stderr(&[], 0);
    case.assert_complete();
}

#[test]
fn signals_end_a_run_that_can_go_on() {
    let case = Case::new();
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = case.command(&[]).spawn().unwrap();
        let partial = beside(&case.output, ".partial");
        assert!(wait_until(&mut child, |_| length(&partial) > 1000));
        signal(&child, name);
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{stderr}");
        assert!(
            stderr.contains("interrupted behind row") && stderr.contains("--resume"),
            "{stderr}"
        );
        assert!(!case.output.exists() && saved(&case.output) == length(&partial));
        case.stderr(&["--resume"], 0);
        case.assert_complete();
        case.clear();
    }
    // The second one does not wait.
    let mut child = case.command(&["--explain", "5"]).spawn().unwrap();
    assert!(wait_until(&mut child, |_| saved(&case.output) > 0));
    signal(&child, "-TERM");
    signal(&child, "-INT");
    assert!(matches!(child.wait().unwrap().code(), Some(130 | 143)));
    assert!(!case.output.exists());
}

#[test]
fn what_has_changed_is_refused() {
    let case = Case::new();
    case.interrupted();
    let partial = beside(&case.output, ".partial");
    let before = fs::read(&partial).unwrap();
    let refused = |more: &[&str], what: &str| {
        let told = case.stderr(&[&["--resume"], more].concat(), 2);
        assert!(told.contains(what) && told.contains("try:"), "{what}: {told}");
        assert!(fs::read(&partial).unwrap() == before, "it is as it was");
    };
    refused(&["--keep-text"], "keep text was false and is true");
    refused(&["--output-format", "jsonl"], "output format was csv and is jsonl");
    refused(&["--explain", "3"], "explain was not given and is 3");
    let model = "tests/golden/formats/model-2-topics.rubrique";
    refused(&["--model", model], "the model was the press model (presse-fr) and is model tests/");
    refused(&["--find-repeated"], "find repeated was false and is true");
    refused(&["data/corpus.csv"], "inputs was [");
    // One byte of what was read.
    let input = fs::read(&case.input).unwrap();
    let mut changed = input.clone();
    changed[1000] ^= 1;
    fs::write(&case.input, &changed).unwrap();
    refused(&[], "in.csv has changed");
    fs::write(&case.input, &input).unwrap();
    let mut checkpoint = json(&beside(&case.output, ".checkpoint.json"));
    let original = checkpoint.to_string();
    checkpoint["version"] = "0.0.1".into();
    fs::write(beside(&case.output, ".checkpoint.json"), checkpoint.to_string()).unwrap();
    refused(&[], "rubrique was version 0.0.1");
    fs::write(beside(&case.output, ".checkpoint.json"), "{}").unwrap();
    refused_as_damaged(&case);
    fs::write(beside(&case.output, ".checkpoint.json"), original).unwrap();
    // The rows themselves.
    let mut rows = before.clone();
    rows[500] ^= 1;
    fs::write(&partial, &rows).unwrap();
    assert!(case.stderr(&["--resume"], 2).contains(".partial has changed"));
    fs::write(&partial, &before).unwrap();
    // What does not decide on the rows may be another.
    case.stderr(&["--resume", "--threads", "1"], 0);
    case.assert_complete();
}

fn refused_as_damaged(case: &Case) {
    let told = case.stderr(&["--resume"], 2);
    assert!(told.contains("checkpoint.json") && told.contains("damaged"), "{told}");
}

#[test]
fn where_there_is_nothing_to_resume_it_says_so() {
    let case = Case::new();
    assert!(case.stderr(&["--resume"], 0).contains("nothing to resume"));
    case.assert_complete();
    let written = fs::metadata(&case.output).unwrap().modified().unwrap();
    let mut command = rubrique();
    command.args(["classify", "--resume"]).arg(&case.input).arg("--output").arg(&case.output);
    let ended = command.output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && told.contains("is complete: 30000 articles"), "{told}");
    assert_eq!(fs::metadata(&case.output).unwrap().modified().unwrap(), written);
    // More articles: it is not complete any more.
    let mut input = fs::OpenOptions::new().append(true).open(&case.input).unwrap();
    input.write_all(b"more,2026-01-01,Le Journal,,\n").unwrap();
    assert!(case.stderr(&["--resume"], 1).contains("nothing to resume"));
    assert!(fs::read(&case.output).unwrap().starts_with(&case.expected));
    // A run that begins anew does not heed what another one left.
    case.interrupted_after(&[]);
    case.stderr(&[], 1);
    assert!(fs::read(&case.output).unwrap().starts_with(&case.expected));

    let told = |command: &mut Command| {
        let ended = command.output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        String::from_utf8(ended.stderr).unwrap()
    };
    let output = case.folder.path().join("other.csv");
    let mut stdin = rubrique();
    stdin.args(["classify", "-", "--resume", "--output"]).arg(&output);
    let stdin = told(&mut stdin);
    assert!(stdin.contains("standard input cannot be read a second time"), "{stdin}");
    let mut stdout = rubrique();
    let stdout = told(stdout.args(["classify", "--resume"]).arg(&case.input));
    assert!(stdout.contains("try: --output FILE"), "{stdout}");
    assert!(!output.exists() && !beside(&output, ".partial").exists());
}

impl Case {
    fn interrupted_after(&self, more: &[&str]) {
        fs::remove_file(&self.output).unwrap();
        let mut child = self.command(more).spawn().unwrap();
        assert!(wait_until(&mut child, |_| saved(&self.output) > 0));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn two_runs_do_not_write_one_file() {
    let case = Case::new();
    let mut first = case.command(&[]).spawn().unwrap();
    let partial = beside(&case.output, ".partial");
    assert!(wait_until(&mut first, |_| length(&partial) > 0));
    signal(&first, "-STOP");
    for more in [&[][..], &["--resume"]] {
        let told = case.stderr(more, 2);
        assert!(told.contains("another run is writing it"), "{told}");
    }
    signal(&first, "-CONT");
    assert!(first.wait().unwrap().success());
    case.assert_complete();
}

#[test]
fn a_full_disk_is_told_and_the_run_goes_on_when_there_is_room() {
    let case = Case::new();
    let mut full = rubrique();
    full.args(["classify", "--quiet", "--output", "/dev/full"]).arg(&case.input);
    let ended = full.output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("No space left"));

    let small = case.folder.path().join("small");
    fs::create_dir(&small).unwrap();
    let mount = |options: &str| {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&small);
        mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if !mount("size=1m") {
        eprintln!("skipped: a full file system (a small tmpfs cannot be mounted here)");
        return;
    }
    let output = small.join("topics.csv");
    let mut command = rubrique();
    command.args(["classify", "--quiet", "--resume"]).arg(&case.input).arg("--output").arg(&output);
    let ended = command.output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    let (is_there, rows) = (output.exists(), saved(&output));
    let _ = mount("remount,size=64m");
    let resumed = command.output().unwrap();
    let written = fs::read(&output).unwrap_or_default();
    assert!(Command::new("umount").arg(&small).status().unwrap().success());
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert!(told.contains("No space left") && told.contains("topics.csv.partial"), "{told}");
    assert!(!is_there, "half a file");
    assert!(rows == 0 || told.contains("--resume"), "{told}");
    assert_eq!(resumed.status.code(), Some(0));
    assert!(written == case.expected, "other bytes");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let case = Case::new();
    let mut command = rubrique();
    let mut child = command.args(["classify"]).arg(&case.input).spawn().unwrap();
    let mut start = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    // The pipe is closed by now.
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
    assert!(start.starts_with(b"id,date,source,title,topics"));
}

#[test]
fn an_input_that_cannot_be_read_on_leaves_what_was_read() {
    let case = Case::new();
    let output = &case.output;
    let run = |input: &Path, more: &[&str]| {
        let mut command = rubrique();
        command.args(["classify", "--quiet", "--format", "csv"]).arg(input).args(more);
        let ended = command.arg("--output").arg(output).output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    if Path::new("/proc/self/mem").exists() {
        let (code, told) = run("/proc/self/mem".as_ref(), &[]);
        assert_eq!(code, Some(2));
        assert!(told.contains("/proc/self/mem: Input/output error"), "{told}");
        assert_eq!(names(output.parent().unwrap()), [""; 0]);
    } else {
        eprintln!("skipped: /proc/self/mem (there is none here)");
    }
    // A good input, and behind it one that breaks off.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fs::read(&case.input).unwrap()).unwrap();
    let packed = packed.finish().unwrap();
    let cut = write(case.folder.path(), "cut.csv.gz", &packed[..packed.len() / 2]);
    let (code, told) = run(&case.input, &[cut.to_str().unwrap()]);
    assert_eq!(code, Some(2));
    assert!(told.contains("cut.csv.gz") && told.contains("with --resume"), "{told}");
    assert!(!output.exists());
    let partial = fs::read(beside(output, ".partial")).unwrap();
    assert!(partial.starts_with(&case.expected) && partial.len() > case.expected.len() + 1000);
    assert_eq!(saved(output), partial.len() as u64);
    let (code, told) = run(&case.input, &[cut.to_str().unwrap(), "--resume"]);
    assert!(code == Some(2) && told.contains("cut.csv.gz"), "{told}");
    // Standard input: the rows are left where they are, and nothing claims that they could be gone on with.
    let mut command = rubrique();
    command.args(["classify", "-", "--quiet", "--output"]).arg(output);
    let ended = command.stdin(fs::File::open(&cut).unwrap()).output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(2) && !told.contains("--resume"), "{told}");
    assert!(told.contains("rows so far are in") && !output.exists(), "{told}");
    assert_eq!(names(output.parent().unwrap()), ["topics.csv.partial"]);
}

#[test]
fn manifests_stand_beside_what_is_written() {
    let folder = TempDir::new().unwrap();
    let corpus = write(folder.path(), "corpus.csv", csv(&rows(12, true)));
    let path = |name: &str| folder.path().join(name);
    let run = |args: &[&str], code: i32| {
        let ended = rubrique().args(args).arg("--quiet").arg(&corpus).output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {told}");
    };
    let (model, report, audit) = (path("m.rubrique"), path("report"), path("audit.csv"));
    let (counts, alone) = (path("m.counts"), path("alone.rubrique"));
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    run(&["train", "--no-tune", "--model", &text(&model), "--counts", &text(&counts)], 0);
    // Without counts the articles are read in one pass.
    run(&["train", "--no-tune", "--model", &text(&alone)], 0);
    run(&["evaluate", "--model", &text(&model), "--report", &text(&report)], 0);
    run(&["audit", "--no-tune", "--output", &text(&audit)], 1);
    let digest = |path: &Path| blake3::hash(&fs::read(path).unwrap()).to_hex().to_string();
    let expected = [
        ("train", beside(&model, ".manifest.json"), vec![&model]),
        ("train", beside(&counts, ".manifest.json"), vec![&counts]),
        ("train", beside(&alone, ".manifest.json"), vec![&alone]),
        ("evaluate", report.join("manifest.json"), vec![]),
        ("audit", beside(&audit, ".manifest.json"), vec![&audit]),
    ];
    for (command, path, outputs) in expected {
        let manifest = json(&path);
        assert_eq!(manifest["command"], command);
        assert_eq!(manifest["format_version"], 1);
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest["rows"], 60, "{command}");
        assert_eq!(manifest["inputs"][0]["path"], text(&corpus));
        assert_eq!(manifest["inputs"][0]["blake3"], digest(&corpus));
        assert_eq!(manifest["inputs"][0]["bytes"], length(&corpus));
        assert!(manifest["started"].as_str() <= manifest["finished"].as_str());
        assert!(manifest["settings"].as_object().is_some_and(|s| !s.is_empty()), "{command}");
        for (output, path) in manifest["outputs"].as_array().unwrap().iter().zip(outputs) {
            assert_eq!(output["path"], text(path));
            assert_eq!(output["blake3"], digest(path));
        }
    }
    let evaluated = json(&report.join("manifest.json"));
    assert_eq!(evaluated["outputs"].as_array().unwrap().len(), 6);
    let shown = rubrique().args(["inspect", "--json"]).arg(&model).output().unwrap();
    let card: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(card.to_string().contains(evaluated["model"]["sha256"].as_str().unwrap()));
}
