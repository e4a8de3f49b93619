//! `explain`.

use std::io::{BufWriter, Write, stdout};

use anyhow::Result;
use rubrique::pipeline::{ExplainedTopic, explain_article};
use serde::Serialize;

use super::Ending;
use super::args::Explain;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    status: &'static str,
    topics: &'a [ExplainedTopic],
}

pub(super) fn run(args: Explain) -> Result<Ending> {
    let classifier = args.model.load()?;
    let mut out = BufWriter::new(stdout().lock());
    let mut ending = Ending::Done;
    for article in args.inputs.open()? {
        let article = article?;
        let explained = explain_article(&classifier, &article);
        let status = explained.as_ref().err().map_or("ok", |status| status.name());
        let topics = explained.as_deref().unwrap_or(&[]);
        if explained.is_err() {
            ending = Ending::Findings;
        }
        if args.json {
            let line = Line { id: &article.id, title: &article.title, status, topics };
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
            continue;
        }
        writeln!(out, "{}  {}", article.id, article.title)?;
        if explained.is_err() {
            writeln!(out, "  not classified: {status}\n")?;
        }
        for topic in topics {
            print_topic(&mut out, topic, args.terms)?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(ending)
}

fn print_topic(out: &mut impl Write, topic: &ExplainedTopic, most: usize) -> Result<()> {
    let mark = if topic.given { "*" } else { " " };
    writeln!(
        out,
        "{mark} {}  p = {:.3}  score {:+.2} = {:+.2} (base) {:+.2} (terms)",
        topic.topic,
        topic.probability,
        topic.score,
        topic.offset,
        topic.score - topic.offset
    )?;
    for (word, is_for) in [("for", true), ("against", false)] {
        let terms: Vec<String> = topic
            .terms
            .iter()
            .filter(|t| (t.value > 0.0) == is_for && t.value != 0.0)
            .take(most)
            .map(|t| {
                let shown = if t.forms.is_empty() { t.term.clone() } else { t.forms.join("/") };
                format!("{shown} {:+.2}", t.value)
            })
            .collect();
        if !terms.is_empty() {
            writeln!(out, "    {word:8} {}", terms.join(", "))?;
        }
    }
    if topic.given {
        for sentence in &topic.sentences {
            writeln!(out, "    {:+.2}  « {} »", sentence.value, sentence.text)?;
        }
    }
    Ok(())
}
