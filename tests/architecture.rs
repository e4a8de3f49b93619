//! The floors of the house, held by reading the sources: which room may name which.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room of the library with the rooms it may stand on. `error`, `ids` and `hash` are everybody's.
const FLOORS: [(&str, &[&str]); 7] = [
    ("text", &[]),
    ("metrics", &[]),
    ("corpus", &["text"]),
    ("features", &["text"]),
    ("model", &["features"]),
    ("pipeline", &["corpus", "features", "metrics", "model", "text"]),
    ("report", &["corpus", "metrics", "model", "pipeline"]),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut waiting = vec![root];
    let mut out = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            waiting.extend(entries.map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let code = code(&fs::read_to_string(&path).unwrap());
            out.push((path, code));
        }
    }
    assert!(!out.is_empty(), "src/{folder} holds no source");
    out
}

/// A source without comments, strings' content and its unit tests: what is left names what it uses. Lines stay.
fn code(source: &str) -> String {
    let product = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(source);
    let mut out = String::new();
    let mut chars = product.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|c| *c == '\n');
                out.push('\n');
            }
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        '\n' => out.push('\n'),
                        _ => {}
                    }
                }
                out.push_str("\"\"");
            }
            // A character; a lifetime has no closing quote so near.
            '\'' => {
                let mut ahead = chars.clone();
                let first = ahead.next();
                if first == Some('\\') {
                    chars.next();
                    chars.next();
                    chars.by_ref().find(|c| *c == '\'');
                } else if ahead.next() == Some('\'') {
                    chars.next();
                    chars.next();
                }
                out.push('\'');
            }
            c => out.push(c),
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `path` is named as a whole: neither end runs on into a longer word.
fn names<'c>(code: &'c str, path: &str) -> Vec<&'c str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(path) {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        let starts = !path.starts_with(is_word) || !before.is_some_and(is_word);
        let ends = !path.ends_with(is_word) || !after.is_some_and(is_word);
        if starts && ends {
            let line = code[..at].rfind('\n').map_or(0, |i| i + 1);
            found.push(code[line..].lines().next().unwrap_or_default());
        }
    }
    found
}

/// The crate's rooms that a source names, in paths (`crate::text::fold`) and in groups
/// (`use crate::{ids::TermId, text::fold}`). `super::super` reaches none, for rooms have no folders in them.
fn rooms(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let rest = code[at + "crate::".len()..].trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word, mut at_start) = (0, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(std::mem::take(&mut word));
                        at_start = true;
                    }
                    c if depth == 0 && at_start && is_word(c) => word.push(c),
                    c if c.is_whitespace() => {}
                    _ => at_start = false,
                }
            }
            rooms.insert(word);
        } else {
            rooms.insert(rest.chars().take_while(|c| is_word(*c)).collect());
        }
    }
    rooms.remove("");
    rooms
}

fn assert_never(folder: &str, forbidden: &[&str], why: &str) {
    for (path, code) in sources(folder) {
        for name in forbidden {
            let found = names(&code, name);
            assert!(found.is_empty(), "{}: {name} ({why}): {found:?}", path.display());
        }
    }
}

#[test]
fn rooms_stand_only_on_the_floors_below() {
    let all: BTreeSet<&str> = FLOORS.iter().map(|(room, _)| *room).collect();
    for (room, below) in FLOORS {
        for (path, code) in sources(room) {
            for named in rooms(&code) {
                let shared = ["avx512", "error", "ids", "hash", "Error", "Place", "Result"]
                    .contains(&named.as_str());
                let own = named == room || below.contains(&named.as_str());
                // A name that is re-exported at the root hides its room.
                assert!(
                    shared || own,
                    "{}: {room} must not name crate::{named}{}",
                    path.display(),
                    if all.contains(named.as_str()) { "" } else { ", nor a re-export at the root" }
                );
            }
            assert!(
                !code.contains("super::super::super"),
                "{}: a path out of its room",
                path.display()
            );
        }
    }
}

#[test]
fn every_folder_is_a_room_with_its_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = fs::read_dir(src)
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.file_type().unwrap().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    let mut known: BTreeSet<String> = FLOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    known.insert("cli".to_owned());
    assert_eq!(folders, known);
}

#[test]
fn the_library_knows_no_terminal() {
    let why = "the library names no clap, anyhow or indicatif, never prints and never exits";
    for (room, _) in FLOORS {
        let crates = ["clap", "anyhow", "indicatif", "anstream", "tempfile"];
        assert_never(room, &crates, why);
        let macros = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
        assert_never(room, &macros, why);
        assert_never(room, &["stdout", "stderr", "process::exit", "std::process"], why);
    }
}

#[test]
fn results_depend_on_input_and_settings_alone() {
    let why = "the library reads neither the clock nor the environment";
    for (room, _) in FLOORS {
        assert_never(room, &["std::env", "env::var", "env!", "option_env!"], why);
        assert_never(room, &["std::time", "Instant", "SystemTime"], why);
        assert_never(room, &["from_os_rng", "from_entropy", "thread_rng", "rand::rng"], why);
    }
}

/// What `SECURITY.md` says of it: a request for memory, and calls of what is written by AVX-512.
#[test]
fn unsafe_code_stands_where_it_is_said_to() {
    let mut found = Vec::new();
    for (room, _) in FLOORS {
        for (path, code) in sources(room) {
            let calls = code.matches("allow(unsafe_code)").count();
            assert_eq!(code.matches("unsafe {").count(), calls, "{}", path.display());
            if calls > 0 {
                assert!(code.contains("_mm_prefetch") || code.contains("avx512::is_there()"));
                found.push(format!("{room}/{}: {calls}", path.file_name().unwrap().display()));
            }
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "pipeline/content_key.rs: 1",
            "text/chunks.rs: 1",
            "text/forms.rs: 1",
            "text/normalizer.rs: 1",
            "text/prefetch.rs: 1"
        ]
    );
}

#[test]
fn the_root_files_only_name_and_start() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for name in ["lib.rs", "avx512.rs", "error.rs", "ids.rs", "hash.rs"] {
        let code = code(&fs::read_to_string(src.join(name)).unwrap());
        for forbidden in ["clap", "anyhow", "indicatif", "println!", "std::env", "mod cli"] {
            assert!(names(&code, forbidden).is_empty(), "{name}: {forbidden}");
        }
    }
    let main = code(&fs::read_to_string(src.join("main.rs")).unwrap());
    assert!(!names(&main, "mod cli").is_empty(), "the command line is a module of main.rs");
}

#[test]
fn rayon_lives_in_the_pipeline() {
    for (room, _) in FLOORS.iter().filter(|(room, _)| *room != "pipeline") {
        assert_never(
            room,
            &["rayon", "thread::spawn", "thread::scope"],
            "the pipeline is parallel",
        );
    }
    // The command line sizes the pool, and does no more with it.
    for (path, code) in sources("cli") {
        let found = names(&code, "rayon");
        let sizes = |line: &&str| line.contains("rayon::ThreadPoolBuilder");
        assert!(found.iter().all(sizes), "{}: {found:?}", path.display());
    }
}

#[test]
fn text_is_about_text_alone() {
    let why = "text knows no tables, matrices or files";
    assert_never("text", &["csv", "ndarray", "std::fs", "std::io", "std::path", "linfa"], why);
}

#[test]
fn metrics_stand_on_nothing() {
    for (path, code) in sources("metrics") {
        let rooms = rooms(&code);
        assert!(rooms.is_empty(), "{}: {rooms:?}", path.display());
    }
}

#[test]
fn the_model_knows_no_files() {
    assert_never("model", &["std::fs", "std::path", "csv", "std::io"], "models are numbers");
    assert_never("features", &["std::fs", "std::path", "csv", "std::io"], "features are numbers");
}

#[test]
fn reports_never_look_inside_a_model() {
    for (path, code) in sources("report") {
        for line in names(&code, "crate::model") {
            let used = line.split("crate::model").nth(1).unwrap_or_default();
            let used = used.trim_start_matches("::").trim_matches(['{', '}', ';', ' ']);
            for name in used.split(',').map(str::trim) {
                assert!(
                    ["Decision", "Prediction", "PossibleLabels", "Task"].contains(&name),
                    "{}: {line}",
                    path.display()
                );
            }
        }
        for name in ["Classifier", "train", "CountedCorpus", "Scorer", "OutputLayer", "ClassCounts"]
        {
            assert!(names(&code, name).is_empty(), "{}: {name}", path.display());
        }
    }
}

/// The tests above are only as good as their reading.
#[test]
fn the_reading_finds_what_it_looks_for() {
    let source = "use crate::{error::Error, model::{Task, explain}};\n// crate::cli\nlet x: &'a str = \"crate::report\";\n\
                  let q = '\"'; let e = '\\''; crate::text::fold(q);\n\n#[cfg(test)]\nmod tests {\n use crate::pipeline; }";
    let code = code(source);
    let found: Vec<String> = rooms(&code).into_iter().collect();
    assert_eq!(found, ["error", "model", "text"]);
    assert_eq!(names("eprintln!(); print!()", "print!").len(), 1);
    assert_eq!(names("use std::env;\nlet environment = 1;", "std::env"), ["use std::env;"]);
    assert!(names("my_rayon rayons", "rayon").is_empty());
}
