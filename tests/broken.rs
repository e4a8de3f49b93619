//! Two hundred broken files, made here: none makes the program panic or grow, every row that can be read is classified,
//! every other is reported, and the exit status says which.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use common::Dice;
use tempfile::TempDir;

/// One file, and what is to come of it.
struct Case {
    name: String,
    bytes: Vec<u8>,
    /// Rows in the output and rows that are `ok`; `None` where the file cannot be read at all, or where only the program's
    /// manners are tested.
    expected: Option<(usize, usize)>,
    codes: &'static [i32],
}

const GOOD: usize = 8;

fn text(at: usize) -> String {
    let sentences = common::TOPICS[at % 3].1;
    sentences[..3].join(" ")
}

/// A good CSV file of three columns, as lines without their ends.
fn lines(delimiter: char) -> Vec<String> {
    let row = |at: usize| format!("r{at}{delimiter}\"Titre {at}\"{delimiter}\"{}\"", text(at));
    let header = format!("id{delimiter}title{delimiter}text");
    std::iter::once(header).chain((1..=GOOD).map(row)).collect()
}

fn joined(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// Broken in the row `at` only: the others must come out well.
fn csv_cases(cases: &mut Vec<Case>) {
    let all = Some((GOOD, GOOD));
    let one_less = Some((GOOD, GOOD - 1));
    let mut add = |name: String, bytes: Vec<u8>, expected, codes| {
        cases.push(Case { name, bytes, expected, codes });
    };
    for at in 1..=GOOD {
        let broken = |row: String| {
            let mut lines = lines(',');
            lines[at] = row;
            joined(&lines).into_bytes()
        };
        let unclosed = format!("r{at},\"Titre {at}\",\"{}", text(at));
        add(format!("unclosed-{at}.csv"), broken(unclosed), all, &[0]);
        let title =
            format!("r{at},\"Titre \"cité\" {at}\",\"Il a dit \"oui\" hier. {}\"", text(at));
        add(format!("stray-{at}.csv"), broken(title), all, &[0]);
        let doubled = format!("r{at},Titre,\"Il a dit \"\"oui\"\". {}\"", text(at));
        add(format!("doubled-{at}.csv"), broken(doubled), all, &[0]);
        let short = format!("r{at},Titre");
        add(format!("short-{at}.csv"), broken(short), one_less, &[1]);
        let long = format!("r{at},Titre,\"{}\",un,deux", text(at));
        add(format!("long-{at}.csv"), broken(long), one_less, &[1]);
        let padded = format!("r{at},Titre,\"{}\",,", text(at));
        add(format!("padded-{at}.csv"), broken(padded), all, &[0]);
        let null = format!("r{at},Ti\0tre,\"{}\0\"", text(at));
        add(format!("null-{at}.csv"), broken(null), all, &[0]);
        let empty = format!("r{at},,");
        add(format!("empty-{at}.csv"), broken(empty), one_less, &[1]);
        let header = "id,title,text".to_owned();
        add(format!("header-again-{at}.csv"), broken(header), one_less, &[1]);
        let mixed = joined(&lines(',')).replace(&format!("Titre {at}"), "Été, forêt");
        let mut bytes = mixed.into_bytes();
        let start = bytes.windows(8).position(|w| w.starts_with("Été".as_bytes())).unwrap();
        bytes.splice(start..start + 5, windows_1252("Été"));
        add(format!("mixed-{at}.csv"), bytes, all, &[0]);
    }
    let good = lines(',');
    let joined_by = |end: &str| (good.join(end) + end).into_bytes();
    for (name, end) in [("cr", "\r"), ("crlf", "\r\n"), ("blank-lines", "\n\n"), ("lf-cr", "\n\r")]
    {
        add(format!("{name}.csv"), joined_by(end), all, &[0]);
    }
    for (name, delimiter) in [("semicolon", ';'), ("tab", '\t'), ("bar", '|')] {
        add(format!("{name}.csv"), joined(&lines(delimiter)).into_bytes(), all, &[0]);
    }
    let sound = joined(&good);
    add("bom.csv".into(), [b"\xEF\xBB\xBF", sound.as_bytes()].concat(), all, &[0]);
    add("utf-16le.csv".into(), utf_16(&sound, true), all, &[0]);
    add("utf-16be.csv".into(), utf_16(&sound, false), all, &[0]);
    add("windows-1252.csv".into(), windows_1252(&sound), all, &[0]);
    add("no-header.csv".into(), joined(&good[1..]).into_bytes(), all, &[0]);
    add("unnamed.csv".into(), sound.replacen("id,title", ",", 1).into_bytes(), all, &[0]);
    add("one-row.csv".into(), joined(&good[..2]).into_bytes(), Some((1, 1)), &[0]);
    add("header-alone.csv".into(), joined(&good[..1]).into_bytes(), Some((0, 0)), &[0]);
    add("nothing.csv".into(), Vec::new(), None, &[2]);
    add("white.csv".into(), b"\n\n\n".to_vec(), None, &[2]);
    add("no-text.csv".into(), b"a,b\n1,2\n".to_vec(), None, &[2]);
    add("gzip.csv.gz".into(), gzip(sound.as_bytes()), all, &[0]);
    let packed = gzip(sound.as_bytes());
    add("gzip-cut.csv.gz".into(), packed[..packed.len() / 2].to_vec(), None, &[2]);
    add("gzip-lie.csv.gz".into(), sound.clone().into_bytes(), all, &[0]);
    let packed = zstd::encode_all(sound.as_bytes(), 1).unwrap();
    add("zstd-cut.csv.zst".into(), packed[..packed.len() / 2].to_vec(), None, &[2]);
    let huge = format!(
        "id,title,text\nr1,T,\"{}\"\nr2,T,\"{}\"\n",
        "mot et mot ".repeat(5_000_000),
        text(1)
    );
    add("fifty-megabytes.csv".into(), huge.into_bytes(), Some((2, 1)), &[1]);
    let wide =
        format!("id,title,text{}\nr1,T,\"{}\"{}\n", ",x".repeat(5_000), text(1), ",".repeat(5_000));
    add("five-thousand-columns.csv".into(), wide.into_bytes(), Some((1, 1)), &[0]);
    let quotes = format!("id,title,text\nr1,T,{}\nr2,T,\"{}\"\n", "\"".repeat(100_001), text(1));
    add("quotes.csv".into(), quotes.into_bytes(), None, &[0, 1]);
    // Cut anywhere, the rows before the cut are whole.
    let mut dice = Dice(7);
    for number in 0..20 {
        let cut = 40 + dice.roll(sound.len() - 40);
        let whole = sound.as_bytes()[..cut].iter().filter(|b| **b == b'\n').count() - 1;
        let bytes = sound.as_bytes()[..cut].to_vec();
        let rest = usize::from(bytes.last() != Some(&b'\n'));
        cases.push(Case {
            name: format!("cut-{number}.csv"),
            bytes,
            expected: Some((whole + rest, usize::MAX)),
            codes: &[0, 1],
        });
    }
    for number in 0..12 {
        let bytes: Vec<u8> = (0..20_000).map(|_| dice.roll(256) as u8).collect();
        let name = ["csv", "jsonl", "txt", "html"][number % 4];
        cases.push(Case {
            name: format!("binary-{number}.{name}"),
            bytes,
            expected: None,
            codes: &[0, 1, 2],
        });
    }
    // Bytes of a good file changed at random.
    for number in 0..16 {
        let mut bytes = sound.clone().into_bytes();
        for _ in 0..10 {
            let at = 20 + dice.roll(bytes.len() - 20);
            bytes[at] = b"\",\n\r\0;\xFF"[dice.roll(7)];
        }
        cases.push(Case {
            name: format!("changed-{number}.csv"),
            bytes,
            expected: None,
            codes: &[0, 1],
        });
    }
}

fn jsonl_cases(cases: &mut Vec<Case>) {
    let good =
        |at: usize| serde_json::json!({"id": at, "title": "Titre", "text": text(at)}).to_string();
    let bad = [
        ("cut", good(1)[..40].to_owned(), false),
        ("list", "[1, 2]".to_owned(), false),
        ("number", "12".to_owned(), false),
        ("deep", format!("{{\"text\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000)), false),
        ("null-text", "{\"id\": 1, \"text\": null}".to_owned(), false),
        ("new-key", format!("{}, \"neuf\": 1}}", good(2).trim_end_matches('}')), true),
        ("surrogate", "{\"id\": 1, \"text\": \"\\ud800\"}".to_owned(), false),
        ("bare", "Du texte sans accolades".to_owned(), false),
    ];
    for (name, line, is_read) in bad {
        let lines: Vec<String> = vec![good(0), good(1), line, good(2)];
        let expected = Some((4, 3 + usize::from(is_read)));
        let codes: &[i32] = if is_read { &[0] } else { &[1] };
        let bytes = joined(&lines).into_bytes();
        cases.push(Case { name: format!("{name}.jsonl"), bytes, expected, codes });
    }
    let huge = format!("{{\"text\": \"{}\"}}\n", "mot et mot ".repeat(3_000_000));
    let bytes = [good(0), "\n".into(), huge, good(1)].concat().into_bytes();
    cases.push(Case { name: "long.jsonl".into(), bytes, expected: Some((3, 2)), codes: &[1] });
}

fn page_cases(cases: &mut Vec<Case>) {
    let body = format!("<h1>Un titre de page assez long</h1><p>{}</p><p>{}</p>", text(0), text(0));
    let page =
        format!("<html><head><title>T</title></head><body><article>{body}</article></body></html>");
    let nested = |tag: &str, depth: usize| {
        format!("{}{body}{}", format!("<{tag}>").repeat(depth), format!("</{tag}>").repeat(depth))
    };
    let good = [
        ("plain", page.clone().into_bytes()),
        ("unclosed", format!("<body><div><article>{}", body.replace("</p>", "")).into_bytes()),
        ("cut", page.as_bytes()[..page.len() - 60].to_vec()),
        ("deep-div", nested("div", 100_000).into_bytes()),
        ("deep-span", nested("span", 50_000).into_bytes()),
        ("deep-b", nested("b", 20_000).into_bytes()),
        ("deep-table", nested("table", 5_000).into_bytes()),
        ("deep-svg", format!("{}{body}", "<svg><g>".repeat(3_000)).into_bytes()),
        ("bold-paragraphs", format!("{body}{}", "<b class=x><p>mot ".repeat(3_000)).into_bytes()),
        ("many-attributes", format!("<body {}>{body}", "data-x=1 ".repeat(20_000)).into_bytes()),
        ("long-attribute", format!("<body class=\"{}\">{body}", "a ".repeat(500_000)).into_bytes()),
        (
            "entities",
            format!("{body}<p>{}", "&lol;&amp;&#9;&#x110000;".repeat(50_000)).into_bytes(),
        ),
        (
            "doctype-bomb",
            format!("<!DOCTYPE html [<!ENTITY a \"{}\">]>{page}", "&a;".repeat(10_000))
                .into_bytes(),
        ),
        ("script-open", format!("{page}<script>var a = '<p>").into_bytes()),
        ("comment-open", format!("{page}<!-- jamais <p> fermé").into_bytes()),
        ("cdata", format!("<![CDATA[x]]>{page}").into_bytes()),
        ("windows-1252", [b"<meta charset=iso-8859-1>".to_vec(), windows_1252(&page)].concat()),
        ("lies-utf-8", [b"<meta charset=utf-8>".to_vec(), windows_1252(&page)].concat()),
        ("unknown-charset", [b"<meta charset=x-nonsense>".to_vec(), windows_1252(&page)].concat()),
        ("utf-16", utf_16(&page, true)),
        ("bom", [b"\xEF\xBB\xBF".to_vec(), page.clone().into_bytes()].concat()),
        ("null", page.replace("<p>", "<p>\0").into_bytes()),
        ("upper", page.replace("<p>", "<P>").replace("article", "ARTICLE").into_bytes()),
        (
            "json-ld",
            format!("<script type='application/ld+json'>{}</script>{page}", "[".repeat(50_000))
                .into_bytes(),
        ),
        ("all-aside", page.replace("article", "aside").into_bytes()),
        (
            "all-comments",
            page.replace("<article>", "<article class='comments sidebar ad'>").into_bytes(),
        ),
        ("form", page.replace("article", "form").into_bytes()),
    ];
    for (name, bytes) in good {
        cases.push(Case {
            name: format!("{name}.html"),
            bytes,
            expected: Some((1, 1)),
            codes: &[0],
        });
    }
    for (name, bytes) in [
        ("empty", ""),
        ("tags-alone", "<html><body><div></div>"),
        ("menu-alone", "<nav><a href=/>Accueil</a></nav>"),
    ] {
        let bytes = bytes.as_bytes().to_vec();
        cases.push(Case {
            name: format!("{name}.html"),
            bytes,
            expected: Some((1, 0)),
            codes: &[1],
        });
    }
    let texts = [
        ("utf-16", utf_16(&text(0), false), 1),
        ("windows-1252", windows_1252(&text(0)), 1),
        (
            "mojibake",
            encoding_rs::WINDOWS_1252.decode(text(0).as_bytes()).0.into_owned().into_bytes(),
            1,
        ),
        ("empty", Vec::new(), 0),
        ("spaces", vec![b' '; 5_000], 0),
        ("breaks", vec![b'\n'; 500_000], 0),
        ("null", vec![0; 50_000], 0),
        ("ellipses", "…\n".repeat(50_000).into_bytes(), 0),
        ("headings", "Aller plus loin\n".repeat(20_000).into_bytes(), 0),
        ("html-inside", page.into_bytes(), 1),
    ];
    for (name, bytes, ok) in texts {
        let codes: &[i32] = if ok == 1 { &[0] } else { &[1] };
        cases.push(Case { name: format!("{name}.txt"), bytes, expected: Some((1, ok)), codes });
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    csv_cases(&mut cases);
    jsonl_cases(&mut cases);
    page_cases(&mut cases);
    cases
}

/// Runs `rubrique classify` in a gigabyte and a half of address space, where the system can hold it to that.
fn classify(path: &Path, options: &[&str]) -> std::process::Output {
    let binary = env!("CARGO_BIN_EXE_rubrique");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 1500000; exec \"$0\" \"$@\"", binary]);
        shell
    } else {
        Command::new(binary)
    };
    command
        .args(["classify", "--quiet", "--threads", "2"])
        .args(options)
        .arg(path)
        .output()
        .unwrap()
}

#[test]
fn two_hundred_broken_files() {
    let folder = TempDir::new().unwrap();
    let cases = cases();
    assert!(cases.len() >= 200, "{} files", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let path = folder.path().join(&case.name);
        fs::write(&path, &case.bytes).unwrap();
        let output = classify(&path, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut fail = |what: String| failures.push(format!("{}: {what}\n    {said}", case.name));
        let code = output.status.code();
        if said.contains("panicked") || !code.is_some_and(|code| case.codes.contains(&code)) {
            fail(format!("exit {code:?} for {:?}", case.codes));
            continue;
        }
        let Some((rows, ok)) = case.expected else { continue };
        let mut reader = csv::Reader::from_reader(&*output.stdout);
        let status = reader.headers().unwrap().iter().position(|name| name == "status").unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let read = records.iter().filter(|record| &record[status] == "ok").count();
        if records.len() != rows || (ok != usize::MAX && read != ok) {
            fail(format!("{} rows, {read} ok, for {rows} and {ok}", records.len()));
        }
        // What cannot be read is reported, on standard error too.
        if records.iter().any(|record| &record[status] == "unreadable")
            && !said.contains("warning:")
        {
            fail("not reported".to_owned());
        }
        fs::remove_file(&path).unwrap();
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn strict_ends_at_the_first_broken_row() {
    let folder = TempDir::new().unwrap();
    for case in cases()
        .iter()
        .filter(|case| ["short-3.csv", "unclosed-3.csv", "list.jsonl"].contains(&&*case.name))
    {
        let path = folder.path().join(&case.name);
        fs::write(&path, &case.bytes).unwrap();
        let output = classify(&path, &["--strict"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{}: {said}", case.name);
        assert!(said.contains("record 3") && said.contains("--strict"), "{said}");
    }
}
