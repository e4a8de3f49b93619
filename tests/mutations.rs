//! Files of the project with bytes altered at random, the same in every run: none makes a parser panic, hang or grow, and what is read
//! of them holds what `fuzz/src/lib.rs` says.
//!
//! A few hundred in every run of the tests; the whole with
//! `RUBRIQUE_MUTATIONS=100000 cargo test --release --test mutations -- --nocapture`.

mod common;
#[allow(dead_code)]
#[path = "../fuzz/src/lib.rs"]
mod properties;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use common::Dice;
use properties::{PROPERTIES, Seed, seal, unseal};

/// No input may need the processor for longer.
const LONGEST: Duration = Duration::from_secs(5);
/// By the clock, what runs beside it included: what takes longer never ends.
const HANGS: Duration = Duration::from_secs(120);
/// The program may never need more, in bytes.
const MOST_MEMORY: u64 = 1 << 30;

fn cases() -> usize {
    std::env::var("RUBRIQUE_MUTATIONS").map_or(400, |n| n.parse().expect("a number of cases"))
}

fn property(target: &str) -> fn(&[u8]) {
    PROPERTIES.iter().find(|(name, _)| *name == target).expect("it has this name").1
}

fn seeds(targets: &[&str]) -> Vec<Seed> {
    let mut seeds = properties::seeds().unwrap();
    seeds.retain(|(target, _, _)| targets.contains(target));
    seeds
}

/// Lengths that no file keeps as a varint, floats that are no numbers, and what formats are made of.
const PIECES: &[&[u8]] = &[
    b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
    b"\xFF\xFF\xFF\xFF\x0F",
    b"\x80\x80\x80\x80\x80\x20",
    b"\x80\x80\x80\x80\x08",
    b"\x00\x00\x00\x00\x00\x00\xF8\x7F",
    b"\x00\x00\x00\x00\x00\x00\xF0\xFF",
    b"\x00\x00\xC0\x7F",
    b"\x00\x00\x80\x7F",
    b"\xFF\xFF\xFF\xFF\xFF\xFF\xEF\x7F",
    b"\x00",
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\"",
    b"\",\"",
    b"{",
    b"}",
    b"\\u0000",
    b"\\ud800",
    b"[[[[[[[[",
    b"null",
    b"<p>",
    b"</div>",
    b"<div>",
    b"<!--",
    b"<script>",
    b"<table><b>",
    b"&amp;",
    b"&#x110000;",
    b"<![CDATA[",
    b"\xEF\xBB\xBF",
    b"\xC3",
    b"\xC3\x83\xC2\xA9",
    b"\xE2\x80\xAE",
    b"\xCC\x81",
    b"\xF0\x9F\x87\xAB",
    b"30/02/2026",
    b"1er mars 20266",
    b"d'",
    b"-t-il",
    b"3,5",
];

/// Alters one to four places; `other` gives what is not the file's own.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        let rest = bytes.len() - at;
        let some = dice.roll(rest + 1).min(1 + dice.roll(64));
        match dice.roll(9) {
            0 | 1 if rest > 0 => bytes[at] ^= 1 << dice.roll(8),
            2 if rest > 0 => bytes[at] = dice.roll(256) as u8,
            3 if rest > 0 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][dice.roll(5)],
            4 => drop(bytes.drain(at..at + some)),
            5 => {
                let again = bytes[at..at + some].repeat(1 + dice.roll(8));
                bytes.splice(at..at, again);
            }
            6 if dice.roll(4) == 0 => bytes.truncate(at),
            7 => {
                let from = dice.roll(other.len() + 1);
                let piece = &other[from..(from + 1 + dice.roll(64)).min(other.len())];
                bytes.splice(at..at + some, piece.iter().copied());
            }
            _ => {
                let piece = PIECES[dice.roll(PIECES.len())];
                let replaced = if dice.roll(2) == 0 { 0 } else { piece.len().min(rest) };
                bytes.splice(at..at + replaced, piece.iter().copied());
            }
        }
    }
}

/// Gives each case to its property and tells what breaks one. A case that takes too long ends the program, for nothing else can end it.
fn run(what: &str, count: usize, case: impl Fn(usize) -> (String, fn(&[u8]), Vec<u8>)) {
    let (began, watched) = channel::<String>();
    let watch = std::thread::spawn(move || {
        let mut running = None;
        loop {
            match watched.recv_timeout(HANGS) {
                Ok(name) => running = Some(name),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    eprintln!("{running:?} takes longer than {HANGS:?}");
                    std::process::abort();
                }
            }
        }
    });
    let start = Instant::now();
    let mut worst = (Duration::ZERO, String::new());
    let mut broken = Vec::new();
    for number in 0..count {
        let (name, property, bytes) = case(number);
        began.send(name.clone()).unwrap();
        let before = busy(start);
        if catch_unwind(AssertUnwindSafe(|| property(&bytes))).is_err() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutation-{name}"));
            std::fs::write(&path, &bytes).unwrap();
            broken.push(path.display().to_string());
        }
        worst = worst.max((busy(start) - before, name));
    }
    let seconds = start.elapsed().as_secs_f64();
    drop(began);
    watch.join().unwrap();
    let memory = peak_memory();
    let longest = format!("longest {:.3} s ({})", worst.0.as_secs_f64(), worst.1);
    println!(
        "{count} {what}: {seconds:.1} s, {longest}, peak memory {:.0} MB",
        memory as f64 / 1e6
    );
    assert!(broken.is_empty(), "{} broke: {broken:#?}", broken.len());
    assert!(worst.0 < LONGEST, "{longest}");
    assert!(memory < MOST_MEMORY, "{memory} bytes");
}

/// How long this thread has had the processor; where the system does not tell, the time since the start.
fn busy(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The most that this program has needed so far, in bytes; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.map_or(0, |number| number.trim().parse::<u64>().unwrap() << 10)
}

#[test]
fn altered_models() {
    let seeds = seeds(&["model", "counts"]);
    let press = std::fs::read("models/presse-fr.rubrique").unwrap();
    let press = ("model", "press".to_owned(), unseal(&press));
    run("models", cases(), |number| {
        let mut dice = Dice(number as u64);
        let mut pick = || &seeds[dice.roll(seeds.len())];
        let (seed, (_, _, other)) = (pick(), pick());
        let (target, name, content) = if number % 100 == 99 { &press } else { seed };
        // Half of them are sealed again, so that what is behind the checksum gets to see them.
        let mut bytes = content.clone();
        if number.is_multiple_of(2) || number % 100 == 99 {
            mutate(&mut bytes, other, &mut dice);
            return (format!("{number}-{target}-{name}"), property(target), bytes);
        }
        let is_model = *target == "model";
        let mut bytes = seal(&bytes, if is_model { b'M' } else { b'C' });
        mutate(&mut bytes, other, &mut dice);
        let property = if is_model { properties::model_file } else { properties::counts_file };
        (format!("{number}-{target}-file-{name}"), property, bytes)
    });
}

#[test]
fn altered_inputs() {
    let seeds = seeds(&["csv", "jsonl", "html", "page", "tokenize", "corrections"]);
    let targets =
        ["csv", "jsonl", "html", "csv", "jsonl", "html", "page", "tokenize", "corrections"];
    run("inputs", cases(), |number| {
        let mut dice = Dice(number as u64);
        let target = targets[number % targets.len()];
        let own: Vec<&Seed> = seeds.iter().filter(|(of, _, _)| *of == target).collect();
        let (_, name, bytes) = own[dice.roll(own.len())];
        let (_, _, other) = &seeds[dice.roll(seeds.len())];
        let mut bytes = bytes.clone();
        mutate(&mut bytes, other, &mut dice);
        (format!("{number}-{target}-{name}"), property(target), bytes)
    });
}

/// The seeds as they are, and what fuzzing has kept: the smallest corpus that reaches what it reached, and all that once broke something.
#[test]
fn seeds_hold() {
    let mut kept: Vec<Seed> = properties::seeds().unwrap();
    for (target, _) in PROPERTIES {
        let Ok(files) = std::fs::read_dir(Path::new("fuzz/seeds").join(target)) else { continue };
        for file in files {
            let path = file.unwrap().path();
            kept.push((target, path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    kept.retain(|(target, _, _)| *target != "signature");
    run("seeds", kept.len(), |number| {
        let (target, name, bytes) = &kept[number];
        (format!("{target}-{}", name.replace('/', "-")), property(target), bytes.clone())
    });
}
