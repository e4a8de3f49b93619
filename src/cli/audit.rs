//! `audit`.

use anyhow::{Context, Result};
use rubrique::corpus::Article;
use rubrique::pipeline::{Audit, LabelCheck};
use rubrique::report::write_audit;

use super::Ending;
use super::args::{Audit as Arguments, Shared};
use super::output::Output;
use super::progress;

pub(super) fn run(args: Arguments, shared: &Shared) -> Result<Ending> {
    let settings = args.training.settings()?;
    let classifier =
        args.model.as_ref().map(|path| rubrique::Classifier::load(path)).transpose()?;
    let reader = args.inputs.open_corrected(false)?;
    let mut out = Output::open(&args.output)?;
    let articles = reader.collect::<rubrique::Result<Vec<Article>>>()?;
    let bar = progress::articles(shared, "auditing");
    let check = match &classifier {
        Some(classifier) => LabelCheck::By(classifier),
        None => LabelCheck::OutOfFold(args.cross_validate),
    };
    let audit = Audit::new(articles, &settings, check, &|n| bar.set_position(n))?;
    bar.finish_and_clear();
    write_audit(&audit, &mut out).with_context(|| args.output.display().to_string())?;
    out.finish()?;
    if !shared.quiet {
        eprint!("{}", summary(&audit));
    }
    Ok(if audit.findings.is_empty() { Ending::Done } else { Ending::Findings })
}

/// What was found, for people.
fn summary(audit: &Audit) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let _ = writeln!(out, "{} articles, {} findings", audit.articles.len(), audit.findings.len());
    for (kind, count) in audit.counts().into_iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(out, "  {:20}  {count:6}", kind.name());
    }
    let counts = audit.near_duplicates;
    if counts.clusters > 0 {
        let _ = writeln!(
            out,
            "{} articles are near-duplicates, in {} clusters",
            counts.articles, counts.clusters
        );
    }
    let _ = match &audit.labels_checked {
        Ok(articles) => writeln!(out, "the labels of {articles} articles were checked"),
        Err(why) => writeln!(out, "labels were not checked: {why}"),
    };
    out
}
