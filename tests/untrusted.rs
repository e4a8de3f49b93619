//! Files that strangers wrote: bombs, articles without end, models that claim what they do not hold.

mod common;
#[allow(dead_code)]
#[path = "../fuzz/src/lib.rs"]
mod properties;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use common::{Dice, TOPICS, column, records, write};
use properties::{seal, unseal, with_header};
use rubrique::Classifier;
use rubrique::pipeline::CountedCorpus;
use tempfile::TempDir;

/// What the program may need at most, in kilobytes of addresses.
const MOST_MEMORY: u64 = 1 << 20;
/// How many seconds of the processor it may take; what runs beside it changes nothing.
const LONGEST: u64 = 5;

/// Classifies within these limits.
fn classify(input: &Path, options: &[&str]) -> Output {
    let binary = assert_cmd::cargo::cargo_bin("rubrique");
    let limited = format!("ulimit -v {MOST_MEMORY}; ulimit -t {LONGEST}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited]).arg(binary);
    command
        .args(["classify", "--quiet", "--threads", "2", "--output", "-"])
        .args(options)
        .arg(input);
    command.output().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// `start`, and then `megabytes` of `again` behind it: a stream of many members unpacks as one.
fn bomb(pack: impl Fn(&[u8]) -> Vec<u8>, start: &str, again: &str, megabytes: usize) -> Vec<u8> {
    const MEMBER: usize = 64 << 20;
    let member = pack(again.repeat(MEMBER / again.len()).as_bytes());
    let mut bomb = pack(start.as_bytes());
    (0..(megabytes << 20) / MEMBER).for_each(|_| bomb.extend_from_slice(&member));
    bomb
}

#[test]
fn bombs_end_with_a_clear_error() {
    let folder = TempDir::new().unwrap();
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 19).unwrap();
    let text = TOPICS[1].1.join(" ").repeat(2);
    for (name, bytes) in [
        ("zeros.csv.gz", bomb(gzip, "", "\0", 4096)),
        ("zeros.csv.zst", bomb(zstd, "", "\0", 4096)),
        ("cell.csv.gz", bomb(gzip, "id,text\n1,\"", "x", 4096)),
        ("rows.csv.zst", bomb(zstd, "id,text\n", &format!("1,\"{text}\"\n"), 4096)),
        ("line.jsonl.gz", bomb(gzip, "{\"text\": \"", "x", 4096)),
        ("lines.jsonl.zst", bomb(zstd, "", &format!("{{\"text\": \"{text}\"}}\n"), 4096)),
    ] {
        assert!(bytes.len() < 5 << 20, "{name}: {} bytes", bytes.len());
        let path = write(folder.path(), name, bytes);
        let output = classify(&path, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        let parts = [name, "200 times its size", "try: unpacking it first"];
        assert!(parts.iter().all(|part| said.contains(part)), "{name}: {said}");
    }
}

#[test]
fn a_bomb_in_a_folder_is_an_article_that_is_too_long() {
    let folder = TempDir::new().unwrap();
    let good = TOPICS[1].1[..3].join(" ");
    write(folder.path(), "in/a.txt", &good);
    write(folder.path(), "in/b.txt.gz", bomb(gzip, "", "x", 4096));
    write(folder.path(), "in/c.html.gz", bomb(gzip, "<html><p>", "x", 4096));
    write(folder.path(), "in/d.txt", &good);
    let output = classify(&folder.path().join("in"), &[]);
    assert_eq!(output.status.code(), Some(1));
    let table = records(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(column(&table, "status"), ["ok", "unreadable", "unreadable", "ok"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("b.txt.gz is longer than 10000000 bytes"), "{said}");
}

#[test]
fn articles_that_are_too_long_come_out_with_their_status() {
    let folder = TempDir::new().unwrap();
    let good = TOPICS[1].1[..3].join(" ");
    let long = good.repeat(20);
    assert!(good.len() < 1_000 && long.len() > 2_000);
    let quoted = format!("id,text\n1,\"{good}\"\n2,\"{long}\"\n3,\"{good}\"\n");
    let stray = format!("id,text\n1,\"{good}\"\n2,\"il dit \"oui\" {long}\"\n3,\"{good}\"\n");
    let lines = [&good, &long, &good].map(|text| format!("{{\"text\": {text:?}}}\n")).concat();
    write(folder.path(), "texts/1.txt", &good);
    write(folder.path(), "texts/2.txt", &long);
    write(folder.path(), "texts/3.txt", &good);
    for input in [
        write(folder.path(), "quoted.csv", quoted),
        write(folder.path(), "stray.csv", stray),
        write(folder.path(), "lines.jsonl", lines),
        folder.path().join("texts"),
    ] {
        let output = classify(&input, &["--max-article-bytes", "2000"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}: {said}", input.display());
        let table = records(std::str::from_utf8(&output.stdout).unwrap());
        assert_eq!(column(&table, "status"), ["ok", "unreadable", "ok"], "{}", input.display());
        let told = "is longer than 2000 bytes, which --max-article-bytes allows";
        assert!(said.contains(told) && said.contains("2"), "{said}");
        // Where there is room, nothing is wrong with it.
        assert_eq!(classify(&input, &["--max-article-bytes", "1_000_000"]).status.code(), Some(0));
    }
    let refused = classify(&folder.path().join("lines.jsonl"), &["--max-article-bytes", "10"]);
    assert_eq!(refused.status.code(), Some(2));
}

/// An article of a gigabyte that is no bomb: without compression nothing tells it before it is read.
#[test]
fn an_article_without_end_needs_no_memory() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sparse.csv");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"id,text\n1,\"").unwrap();
    // Zeros that take no room on the disk.
    file.set_len(1 << 30).unwrap();
    let output = classify(&path, &[]);
    assert_eq!(output.status.code(), Some(1));
    let table = records(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(column(&table, "status"), ["unreadable"]);
}

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/golden/formats").join(name)).unwrap()
}

fn refused(file: &[u8]) -> String {
    let path = Path::new("m.rubrique");
    let error = if file[12] == b'C' {
        CountedCorpus::from_bytes(file, path).unwrap_err().to_string()
    } else {
        Classifier::from_bytes(file, path).unwrap_err().to_string()
    };
    assert!(error.starts_with("m.rubrique: ") && error.contains("; try: "), "{error}");
    error
}

#[test]
fn no_length_is_believed() {
    for (name, kind) in [("model-2-topics.rubrique", b'M'), ("shard-3.counts", b'C')] {
        let content = unseal(&golden(name));
        let packed = zstd::encode_all(&content[..], 3).unwrap();
        let length = content.len() as u64;
        // The header claims more, less, or more than there is room for.
        for (claimed, part) in [
            (length + 1, "does not have the length"),
            (length - 1, "does not have the length"),
            (0, "does not have the length"),
            (1 << 19, "does not have the length"),
            (1 << 30, "larger than any model"),
            (u64::MAX, "larger than any model"),
        ] {
            let error = refused(&with_header(&packed, claimed, kind));
            assert!(error.contains(part), "{claimed}: {error}");
        }
        // The frame of zstd claims eight exabytes, or a window of as much as it can.
        let mut frame = b"\x28\xB5\x2F\xFD\xE0".to_vec();
        frame.extend_from_slice(&(1u64 << 62).to_le_bytes());
        frame.extend_from_slice(&packed[6..]);
        refused(&with_header(&frame, length, kind));
        let mut window = b"\x28\xB5\x2F\xFD\x00\xFF".to_vec();
        window.extend_from_slice(&packed[6..]);
        refused(&with_header(&window, length, kind));
        // Any length in the content claims to be as large as can be, here or there.
        for at in (0..content.len()).step_by((content.len() / 1000).max(1)) {
            let mut altered = content.clone();
            altered.splice(at..=at, *b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");
            let file = seal(&altered, kind);
            // In a place that holds a number, it may be one; then it must hold what a sound file does.
            if kind == b'M' {
                properties::model_file(&file)
            } else {
                properties::counts_file(&file)
            }
        }
    }
}

/// A dense array whose shape is not that of its numbers.
#[test]
fn shapes_must_multiply_to_their_data() {
    let content = unseal(&golden("model-2-gaussian.rubrique"));
    // An array as ndarray writes it: its version, its only dimension, the length of its data.
    let is_array =
        |at: &usize| content[*at] == 1 && content[at + 1] > 3 && content[at + 1] == content[at + 2];
    let arrays: Vec<usize> = (0..content.len() - 3).filter(is_array).collect();
    assert!(arrays.len() > 1, "there are means and variances");
    let mut found = 0;
    for at in arrays {
        for shape in [&b"\x00"[..], b"\x03", b"\x7F", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"] {
            let mut altered = content.clone();
            altered.splice(at + 1..at + 2, shape.iter().copied());
            let file = seal(&altered, b'M');
            // Where it is no array after all, the model may be sound.
            properties::model_file(&file);
            let read = Classifier::from_bytes(&file, Path::new("m.rubrique"));
            found += usize::from(read.is_err_and(|e| e.to_string().contains("cannot be read")));
        }
    }
    assert!(found > 1);
}

#[test]
fn a_device_that_never_ends_is_no_model() {
    if Path::new("/dev/zero").exists() {
        let error = Classifier::load(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(error.contains("no file of rubrique"), "{error}");
    }
}

/// A hundred kilobytes that unpack to a list of sixteen million empty labels: as much as a file may claim, and 24 times that in memory.
#[test]
fn a_list_needs_memory_by_its_bytes() {
    let content = unseal(&golden("model-2-topics.rubrique"));
    let first = content.windows(10).position(|bytes| bytes == b"\x09diplomacy").unwrap();
    let mut altered = content[..first - 1].to_vec();
    // Their number as a varint, 16 × 2^20.
    altered.extend_from_slice(b"\x80\x80\x80\x08");
    altered.resize(altered.len() + (16 << 20), 0);
    let mut dice = Dice(1);
    altered.extend((0..100_000).map(|_| dice.roll(256) as u8));
    let file = seal(&altered, b'M');
    assert!(file.len() < 110_000);
    let folder = TempDir::new().unwrap();
    let model = write(folder.path(), "m.rubrique", file);
    let binary = assert_cmd::cargo::cargo_bin("rubrique");
    let limited = format!("ulimit -v {MOST_MEMORY}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limited])
        .arg(binary)
        .args(["inspect", "--threads", "2"])
        .arg(model)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("m.rubrique: the content cannot be read"), "{said}");
}
