//! What must hold of every parser, whatever bytes it is given. A fuzz target calls one of these; `tests/mutations.rs` calls them on mutated
//! files of the project. Each panics where something does not hold.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rubrique::corpus::{
    Format, HtmlPage, LabelSet, Page, ReadOptions, Reader, TopicTerms, parse_date,
};
use rubrique::features::{Scratch, Vectorizer, Zones};
use rubrique::pipeline::{
    CountedCorpus, MODEL_VERSION, ModelFacts, SHARD_VERSION, explain_article,
};
use rubrique::report::TopicMapping;
use rubrique::text::{Analyzer, AnalyzerSettings, Numbers, language, repair, sentences};
use rubrique::{Article, Classifier};
use sha2::{Digest as _, Sha256};

/// A property by the name of its target.
pub type Property = (&'static str, fn(&[u8]));

/// All of them but that of signatures, which belong to the command line.
pub const PROPERTIES: [Property; 12] = [
    ("cells", cells),
    ("corrections", corrections),
    ("counts", counts),
    ("csv", csv),
    ("html", html),
    ("jsonl", jsonl),
    ("model", model),
    ("model_file", model_file),
    ("page", page),
    ("tokenize", tokenize),
    ("topic_mapping", topic_mapping),
    ("topic_terms", topic_terms),
];

/// The file of a model (`M`) or shard (`C`) with this content, sound as far as its header goes.
pub fn seal(content: &[u8], kind: u8) -> Vec<u8> {
    let packed = zstd::encode_all(content, 1).expect("memory takes all");
    with_header(&packed, content.len() as u64, kind)
}

/// The header of a model or shard before what is packed already.
pub fn with_header(packed: &[u8], length: u64, kind: u8) -> Vec<u8> {
    let version = if kind == b'M' { MODEL_VERSION } else { SHARD_VERSION };
    let mut file = b"rubrique".to_vec();
    file.extend_from_slice(&version.to_le_bytes());
    file.push(kind);
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(&Sha256::digest(packed));
    file.extend_from_slice(packed);
    file
}

/// What a sound file of a model or shard holds before it is packed.
pub fn unseal(file: &[u8]) -> Vec<u8> {
    zstd::decode_all(&file[8 + 4 + 1 + 8 + 32..]).expect("the file is sound")
}

/// Calls `read` with the path of a file that holds these bytes.
pub fn in_file<T>(extension: &str, bytes: &[u8], read: impl FnOnce(&Path) -> T) -> T {
    let mut file = tempfile::Builder::new()
        .suffix(&format!(".{extension}"))
        .tempfile()
        .expect("there is room for a temporary file");
    file.write_all(bytes).expect("there is room for it");
    read(file.path())
}

/// The content of a model, under a header that fits it.
pub fn model(content: &[u8]) {
    model_file(&seal(content, b'M'));
}

/// The whole file of a model. One that loads classifies, tells why, and is the same once it is written and read.
pub fn model_file(bytes: &[u8]) {
    let path = Path::new("m.rubrique");
    let Ok(classifier) = Classifier::from_bytes(bytes, path) else { return };
    let labels = classifier.labels().len();
    for article in articles() {
        let classified = classifier.classify(article);
        if let Some(prediction) = &classified.prediction {
            assert_eq!(prediction.probabilities.len(), labels);
            let is_share = |p: &f64| (0.0..=1.0).contains(p);
            assert!(prediction.probabilities.iter().all(is_share), "{prediction:?}");
            assert!(is_share(&prediction.confidence), "{prediction:?}");
        }
        let explained = explain_article(&classifier, article);
        assert_eq!(explained.is_ok(), classified.prediction.is_some());
    }
    assert_eq!(classifier.top_terms(3).len(), labels);
    ModelFacts::of(&classifier);
    let written = classifier.to_bytes().expect("what was read is written");
    let again = Classifier::from_bytes(&written, path).expect("what was written is read");
    assert!(again.to_bytes().expect("and written") == written);
}

/// One article of many words and one of few.
fn articles() -> &'static [Article] {
    static ARTICLES: LazyLock<[Article; 2]> = LazyLock::new(|| {
        [
            Article::new(
                "Les ambassadeurs rappelés après la rupture des négociations",
                "Les deux ministres des Affaires étrangères n'ont pas signé le traité ; le parquet soupçonne un attentat et le \
                 blanchiment de l'argent du trafic par des sociétés écrans. Le match a été remporté au village.",
            ),
            Article::new("", "Le traité a été signé."),
        ]
    });
    &*ARTICLES
}

/// The content of a shard, under a header that fits it.
pub fn counts(content: &[u8]) {
    counts_file(&seal(content, b'C'));
}

/// The whole file of a shard. One that loads can be merged, and is the same once it is written and read.
pub fn counts_file(bytes: &[u8]) {
    let path = Path::new("c.counts");
    let Ok(corpus) = CountedCorpus::from_bytes(bytes, path) else { return };
    let articles = corpus.articles();
    let merged = corpus.clone().merge(corpus.clone()).expect("its own counts fit");
    assert_eq!(merged.articles(), 2 * articles);
    let written = corpus.to_bytes().expect("what was read is written");
    let again = CountedCorpus::from_bytes(&written, path).expect("what was written is read");
    assert!(again.to_bytes().expect("and written") == written);
}

/// The articles of a file, one by one and in batches, which give the same; `None` where it is refused or cannot be read to its end.
fn read(path: &Path, options: &ReadOptions) -> Option<(Vec<String>, Vec<Article>)> {
    let reader = Reader::open(&[path.to_owned()], options).ok()?;
    let columns = reader.columns().to_vec();
    let mut in_batches = Vec::new();
    let read = reader.into_batches().try_for_each(|batch| {
        batch?.try_for_each(|article| {
            in_batches.push(std::mem::take(article));
            Ok(())
        })
    });
    let one_by_one: Result<Vec<Article>, _> =
        Reader::open(&[path.to_owned()], options).expect("it was opened before").collect();
    assert_eq!(one_by_one.is_ok(), read.is_ok());
    let articles = one_by_one.ok()?;
    assert_eq!(articles, in_batches);
    for (at, article) in articles.iter().enumerate() {
        assert_eq!(article.place.record.unwrap_or(1), at as u64 + 1);
        assert_eq!(article.cells.len(), columns.len());
    }
    Some((columns, articles))
}

/// Whether bytes are read as they are: no compression, no byte order mark, no other encoding.
fn is_plain(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 5] =
        [b"\x1F\x8B", b"\x28\xB5\x2F\xFD", b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    !marks.iter().any(|mark| bytes.starts_with(mark)) && std::str::from_utf8(bytes).is_ok()
}

/// A table, compressed or not, in any encoding. Where nothing had to be mended, its rows are those that the crate csv reads.
pub fn csv(bytes: &[u8]) {
    in_file("csv", bytes, |path| read(path, &ReadOptions::default()));
    let options = ReadOptions { delimiter: Some(b','), ..ReadOptions::default() };
    let read = in_file("csv", bytes, |path| read(path, &options));
    let Some((columns, articles)) = read.filter(|_| is_plain(bytes)) else { return };
    let is_sound = |article: &Article| article.problem.is_none() && article.mended.is_none();
    if !articles.iter().all(is_sound) {
        return;
    }
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let records: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.expect("it is UTF-8").iter().map(str::to_owned).collect())
        .collect();
    // Without a header the first record is an article.
    let headers = records.len() - articles.len();
    assert!(headers <= 1, "{} records, {} articles", records.len(), articles.len());
    for (article, record) in articles.iter().zip(&records[headers..]) {
        assert!(record.len() >= columns.len());
        for (cell, given) in article.cells.iter().zip(record) {
            // The text's own cell is empty; a page is no longer what was given.
            let is_text = article.text == *given || article.extracted.is_some();
            assert!(
                *cell == given.replace('\0', "") || cell.is_empty() && is_text,
                "{cell:?} is {given:?}"
            );
        }
    }
}

/// JSON lines. Every line that is not blank is an article.
pub fn jsonl(bytes: &[u8]) {
    let read = in_file("jsonl", bytes, |path| read(path, &ReadOptions::default()));
    let Some((_, articles)) = read.filter(|_| is_plain(bytes)) else { return };
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    assert_eq!(articles.len(), lines.count());
}

/// An HTML page, from its bytes and from its text. Its date is one, and what was left out was something.
pub fn html(bytes: &[u8]) {
    let options = ReadOptions { format: Some(Format::Html), ..ReadOptions::default() };
    let (_, articles) =
        in_file("html", bytes, |path| read(path, &options)).expect("any page can be read");
    assert_eq!(articles.len(), 1);
    let text = String::from_utf8_lossy(bytes);
    let page = HtmlPage::read(&text);
    if let Some(date) = &page.date {
        assert!(parse_date(date).is_some_and(|day| day.to_string() == *date), "{date}");
    }
    assert!(page.dropped.iter().all(|(text, _)| !text.trim().is_empty()));
    nothing_is_lost(&page.title, &page.text);
}

/// The text of a page. Its lines are the body's or left out; the title's own line alone may be neither.
pub fn page(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    nothing_is_lost("", &text);
    // The first line as the title.
    if let Some((title, text)) = text.split_once('\n') {
        nothing_is_lost(title, text);
    }
}

fn nothing_is_lost(title: &str, text: &str) {
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty())
    }
    let page = Page::segment(title, text);
    let mut given: Vec<&str> = lines(text).collect();
    let mut found: Vec<&str> =
        lines(&page.body).chain(page.dropped.iter().map(|d| d.text)).collect();
    given.sort_unstable();
    found.sort_unstable();
    let lost = given.len() - found.len();
    assert!(lost <= 1, "{lost} lines are lost");
    let mut rest = given.into_iter();
    assert!(found.iter().all(|line| rest.any(|given| given == *line)), "a line is not the page's");
    if let Some(date) = &page.date {
        assert!(parse_date(date).is_some_and(|day| day.to_string() == *date), "{date}");
    }
}

/// Any text. Tokens hold every letter and digit, in order; chunks that are looked up whole give as many terms as their tokens one by
/// one.
pub fn tokenize(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for token in rubrique::text::tokenize(&text) {
        assert!(end <= token.start && token.start < token.end);
        assert!(!text[end..token.start].contains(char::is_alphanumeric));
        end = token.end;
    }
    assert!(!text[end..].contains(char::is_alphanumeric));
    for range in sentences(&text) {
        assert!(!text[range].is_empty());
    }
    language(&text);
    static DETAILED: LazyLock<Analyzer> = LazyLock::new(|| {
        let settings = AnalyzerSettings {
            word_ngrams: 3,
            char_ngrams: Some((3, 6)),
            numbers: Numbers::Class,
            ..AnalyzerSettings::default()
        };
        Analyzer::new(settings).expect("the settings are in range")
    });
    static VECTORIZER: LazyLock<Vectorizer> = LazyLock::new(|| {
        let analyzer = Analyzer::new(AnalyzerSettings::default());
        Vectorizer::new(analyzer.expect("the settings are in range"), Zones::FLAT)
            .expect("the zones are in range")
    });
    DETAILED.terms(&repair(&text));
    let vectorizer = &*VECTORIZER;
    let terms = vectorizer.analyzer().terms(&text).len();
    let mut scratch = Scratch::default();
    for _ in ["new", "remembered"] {
        let counted = vectorizer.count("", &text, &mut scratch);
        assert_eq!(counted.terms.iter().map(|t| t.1 as usize).sum::<usize>(), terms);
    }
}

/// Terms of topics, in both formats. What is read is within its ranges.
pub fn topic_terms(bytes: &[u8]) {
    for extension in ["toml", "csv"] {
        let Ok(terms) = in_file(extension, bytes, TopicTerms::load) else { continue };
        let all: Vec<(&str, &str, u32)> = terms
            .topics()
            .flat_map(|topic| terms.of(topic).map(move |(term, weight)| (topic, term, weight)))
            .collect();
        assert_eq!(TopicTerms::new(all).expect("they were in range"), terms);
    }
}

/// A mapping of topics.
pub fn topic_mapping(bytes: &[u8]) {
    let Ok(mapping) = in_file("toml", bytes, TopicMapping::load) else { return };
    for scheme in mapping.schemes() {
        mapping.codes(scheme, &["terrorism", "diplomacy", ""]);
    }
}

/// Articles and a file that corrects their labels, one behind the other with a line `--` between. Corrections change labels, lose no
/// article and keep their order.
pub fn corrections(bytes: &[u8]) {
    let between = bytes.windows(4).position(|window| window == b"\n--\n");
    let Some(at) = between else { return };
    let options = ReadOptions { join_corrections: true, ..ReadOptions::default() };
    let (first, second) = (&bytes[..=at], &bytes[at + 4..]);
    in_file("csv", first, |articles| {
        in_file("csv", second, |corrections| {
            let all = |inputs: &[PathBuf]| -> Option<Vec<Article>> {
                Reader::open(inputs, &options).ok()?.collect::<Result<_, _>>().ok()
            };
            let inputs = [articles.to_owned(), corrections.to_owned()];
            let (Some(alone), Some(joined)) = (all(&inputs[..1]), all(&inputs)) else { return };
            let is_plain = !alone.iter().any(|article| article.place.file == inputs[1]);
            assert!(is_plain && joined.len() >= alone.len());
            for (mine, own) in
                joined.iter().zip(&alone).filter(|(mine, _)| mine.place.file == inputs[0])
            {
                assert_eq!((&mine.id, &mine.title, &mine.text), (&own.id, &own.title, &own.text));
            }
        });
    });
}

/// What stands in a single cell: dates and labels.
pub fn cells(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(day) = parse_date(&text) {
        assert_eq!(parse_date(&day.to_string()), Some(day));
    }
    let labels = LabelSet::parse(&text);
    assert_eq!(LabelSet::parse(&labels.to_cell()), labels);
}

/// A seed: its target, its name and its bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// What fuzzing and mutating start from: small files of the project, and pieces of the larger ones.
pub fn seeds() -> std::io::Result<Vec<Seed>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if root.ends_with("fuzz") { root.join("..") } else { root.to_owned() };
    let bytes = |name: &str| std::fs::read(root.join(name));
    let mut seeds: Vec<Seed> = Vec::new();
    let mut add = |target, name: &str, bytes: Vec<u8>| seeds.push((target, name.to_owned(), bytes));

    for name in ["gaussian", "one-label", "topics"] {
        let file = bytes(&format!("tests/golden/formats/model-{MODEL_VERSION}-{name}.rubrique"))?;
        add("model", name, unseal(&file));
        add("model_file", name, file);
    }
    let shard = bytes(&format!("tests/golden/formats/shard-{SHARD_VERSION}.counts"))?;
    add("counts", "shard", unseal(&shard));

    let table = bytes("tests/golden/formats/articles.csv")?;
    let text = String::from_utf8_lossy(&table).into_owned();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&table)?;
    add("csv", "gzip", gzip.finish()?);
    add("csv", "zstd", zstd::encode_all(&table[..], 1)?);
    add(
        "csv",
        "utf-16",
        text.encode_utf16().fold(vec![0xFF, 0xFE], |mut bytes, unit| {
            bytes.extend(unit.to_le_bytes());
            bytes
        }),
    );
    add("csv", "latin", text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect());
    let semicolons =
        "id;titre;texte;date\r\n1;\"Un \"\"accord\"\"\";'=2;5 mars 2026\r\n2;a;\"b\nc\";\r\n";
    add("csv", "semicolons", ["\u{FEFF}", semicolons].concat().into());
    add(
        "csv",
        "stray",
        b"id,text\n1,\"il dit \"oui\" et\nsort\"\n2,\"jamais\n3,b\n4,,\n\nid,text\n5,a,b\n"
            .to_vec(),
    );
    add("csv", "page", b"id,html\n1,<html><title>T</title><p>Le texte.</p>\n".to_vec());
    add(
        "corrections",
        "both",
        [&table[..], b"\n--\nid,title,corrected_labels\n1,,diplomacy\nt002,x,other\n"].concat(),
    );
    add("csv", "articles", table);

    let mut lines = Vec::new();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record?;
        let (id, text) = (&record[0], &record[record.len() - 1]);
        let labels = r#""labels": ["a", "b"], "n": {"k": null}"#;
        writeln!(lines, r#"{{"id": {id:?}, "text": {text:?}, {labels}}}"#)?;
    }
    add("jsonl", "articles", lines);

    for at in [1, 4, 25, 41, 61] {
        let page = bytes(&format!("data/pages/p{at:02}.html"))?;
        add("html", &format!("p{at:02}"), page);
    }
    for at in [13, 20, 33, 51, 68] {
        let page = bytes(&format!("data/pages/p{at:02}.txt"))?;
        add("tokenize", &format!("p{at:02}"), page.clone());
        add("page", &format!("p{at:02}"), page);
    }
    let marks = "L'O.N.U. dit-elle, 3,5 % à 12h30 le 1er mars; M. N'Djamena (AFP) — al. 2, \
                 www.exemple.fr a@b.fr #mot @nom œuvre e\u{301}te\u{301}";
    add("tokenize", "marks", marks.into());
    add("topic_terms", "toml", b"a = [\"x y\"]\n[b]\nz = 2\n\"\\u00e9\" = 100\n".to_vec());
    add("topic_terms", "csv", "topic;term;weight\na;x y;\nb;é;3\n".into());
    add("topic_mapping", "press", bytes("models/topic-mapping.toml")?);
    for (at, cell) in
        ["2026-03-05T12:30", "jeudi 5 mars 2026 à 12h30", "05/03/26", "20260305", "b; a;other;a"]
            .iter()
            .enumerate()
    {
        add("cells", &at.to_string(), cell.as_bytes().to_vec());
    }
    let signature = bytes("tests/golden/minisign/tool.minisig")?;
    add("signature", "signature", [&[0][..], &signature].concat());
    let key = bytes("tests/golden/minisign/tool.pub")?;
    add("signature", "key", [&[1][..], &key].concat());
    Ok(seeds)
}
