//! `tokenize`.

use std::io::{BufRead, BufWriter, Write, stdout};

use anyhow::{Context, Result};
use rubrique::Classifier;
use rubrique::corpus::open_text;
use rubrique::text::{Analyzer, AnalyzerSettings, tokenize};
use serde_json::{Map, Value};

use super::Ending;
use super::args::Tokenize;

pub(super) fn run(args: Tokenize) -> Result<Ending> {
    let analyzer = match &args.model {
        Some(path) => Classifier::load(path)?.analyzer().clone(),
        None => Analyzer::new(AnalyzerSettings::default())?,
    };
    let mut out = BufWriter::new(stdout().lock());
    for path in &args.inputs {
        for (number, line) in open_text(path)?.split(b'\n').enumerate() {
            let place = || format!("{}, line {}", path.display(), number + 1);
            let bytes = line.with_context(place)?;
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim_end_matches('\r');
            let mut object = Map::new();
            let text = if line.starts_with('{') {
                object = serde_json::from_str(line).with_context(place)?;
                let text = object.remove("text").with_context(|| {
                    format!("{}: the object has no \"text\"; try: {{\"text\": \"…\"}}", place())
                })?;
                text.as_str()
                    .map(str::to_owned)
                    .with_context(|| format!("{}: \"text\" is no string", place()))?
            } else {
                line.to_owned()
            };
            describe(&text, &analyzer, &mut object);
            serde_json::to_writer(&mut out, &object)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(Ending::Done)
}

/// Adds the surface tokens, their spans in code points, and the terms that features see.
fn describe(text: &str, analyzer: &Analyzer, object: &mut Map<String, Value>) {
    let (mut tokens, mut spans, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    let (mut byte, mut points) = (0, 0);
    let mut folded = String::new();
    for token in tokenize(text) {
        points += text[byte..token.start].chars().count();
        let length = token.surface(text).chars().count();
        tokens.push(Value::from(token.surface(text)));
        spans.push(Value::from(vec![points, points + length]));
        terms.extend(analyzer.term(text, &token, &mut folded).map(Value::from));
        points += length;
        byte = token.end;
    }
    object.insert("tokens".to_owned(), tokens.into());
    object.insert("spans".to_owned(), spans.into());
    object.insert("terms".to_owned(), terms.into());
}
