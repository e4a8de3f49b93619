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
    tags: &'a [&'a str],
    body: &'a str,
    dropped: &'a [Dropped<'a>],
}

pub(super) fn run(args: Clean) -> Result<Ending> {
    let mut out = BufWriter::new(stdout().lock());
    let mut ending = Ending::Done;
    for article in args.inputs.open()? {
        let article = article?;
        if let Some(problem) = &article.problem {
            eprintln!("warning: {} {problem}", article.place);
            ending = Ending::Findings;
        }
        let (title, text) = (repair(&article.title), repair(&article.text));
        let page = Page::segment(&title, &text);
        let line = Line {
            id: &article.id,
            title: page.title,
            date: page.date.as_deref(),
            place: page.place,
            author: page.author,
            tags: &page.tags,
            body: &page.body,
            dropped: &page.dropped,
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ending)
}
