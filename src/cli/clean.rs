//! `clean`.

use std::io::{BufWriter, Write, stdout};

use anyhow::Result;
use rubrique::corpus::{Dropped, Page};
use rubrique::text::repair;
use serde::Serialize;

use super::Ending;
use super::args::Clean;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    title: &'a str,
    date: Option<&'a str>,
    place: Option<&'a str>,
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'a str>,
    tags: &'a [&'a str],
    body: &'a str,
    dropped: &'a [Dropped<'a>],
}

pub(super) fn run(args: Clean) -> Result<Ending> {
    let mut out = BufWriter::new(stdout().lock());
    let mut ending = Ending::Done;
    let (repeated, _) = args.repetition.find(&args.inputs)?;
    for article in args.inputs.open()? {
        let article = article?;
        if let Some(problem) = &article.problem {
            eprintln!("warning: {} {problem}", article.place);
            ending = Ending::Findings;
        }
        let (title, text) = (repair(&article.title), repair(&article.text));
        let page = Page::segment_among(&title, &text, repeated.of(&article));
        // What the markup told comes first, then what the wording did.
        let extracted = article.extracted.as_deref();
        let told = extracted.map_or(&[][..], |e| &e.dropped);
        let dropped: Vec<Dropped<'_>> =
            told.iter().map(Dropped::from).chain(page.dropped).collect();
        let own_tags = extracted.map_or(&[][..], |e| &e.tags).iter().map(String::as_str);
        let tags: Vec<&str> = own_tags.chain(page.tags).collect();
        let line = Line {
            id: &article.id,
            title: page.title,
            date: article.date.as_deref().or(page.date.as_deref()),
            place: page.place,
            author: extracted.and_then(|e| e.author.as_deref()).or(page.author),
            section: extracted.and_then(|e| e.section.as_deref()),
            tags: &tags,
            body: &page.body,
            dropped: &dropped,
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ending)
}
