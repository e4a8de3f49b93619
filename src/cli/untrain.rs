//! `untrain`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use rubrique::pipeline::CountedCorpus;
use rubrique::{Classifier, Place};

use super::Ending;
use super::args::{Shared, Untrain};
use super::output::{Output, write_file};
use super::problems::Problems;

/// Articles that are told one by one; more are counted.
const NAMED: usize = 20;

pub(super) fn run(args: Untrain, shared: &Shared) -> Result<Ending> {
    let counts = load(&args.shards)?;
    drop(Output::open(&args.counts)?);
    let asked = Asked::read(&args)?;
    let keys: BTreeSet<u64> = asked.articles.iter().map(|(key, _)| *key).collect();
    let found = counts.articles_by_key(&keys);
    let mut removed: BTreeSet<usize> = found.values().flatten().copied().collect();
    let near = if removed.is_empty() { Vec::new() } else { counts.near_duplicates_of(&removed) };
    if args.near_duplicates {
        removed.extend(&near);
    }
    let rest = counts.without(&removed);
    let (articles, terms) = (rest.articles(), rest.terms.len());
    write_file(&args.counts, &rest.to_bytes()?)?;
    let missing = asked.report_missing(&found);
    if !shared.quiet {
        eprintln!(
            "{} of {} articles found; {} removed from the counts, copies among them, with {} terms that no other had",
            found.len(),
            keys.len(),
            removed.len(),
            counts.terms.len() - terms,
        );
        eprintln!("{articles} articles with {terms} terms are left in {}", args.counts.display());
    }
    if !args.near_duplicates && !near.is_empty() {
        eprintln!(
            "note: {} articles that are left are near-duplicates of removed ones, shortened, reworded or changed; try: --near-duplicates to remove them too",
            near.len()
        );
    }
    Ok(if missing > 0 { Ending::Findings } else { Ending::Done })
}

/// The shards as one.
fn load(paths: &[std::path::PathBuf]) -> Result<CountedCorpus> {
    let mut counts: Option<CountedCorpus> = None;
    for path in paths {
        let part = match CountedCorpus::load(path) {
            Ok(part) => part,
            Err(_) if Classifier::load(path).is_ok() => bail!(
                "{}: a model cannot be untrained: its thresholds, its calibration and its choice of terms and settings were fitted to all articles \
                 at once; try: untrain on the counts (train --counts), then merge, or train again without the articles",
                path.display()
            ),
            Err(error) => return Err(error.into()),
        };
        counts = Some(match counts {
            None => part,
            Some(whole) => {
                whole.merge(part).with_context(|| format!("{} cannot be merged", path.display()))?
            }
        });
    }
    counts.context("there is no shard")
}

/// What is to be removed.
struct Asked {
    /// The key of each article, and where it stands.
    articles: Vec<(u64, String)>,
    /// What was asked for and has no text to be found by.
    unknown: Vec<String>,
}

impl Asked {
    fn read(args: &Untrain) -> Result<Self> {
        let ids = args.ids.as_deref().map(read_ids).transpose()?;
        let mut met = BTreeSet::new();
        let mut articles = Vec::new();
        let mut unreadable = 0;
        let problems = Problems::default();
        for article in args.reading.open(&args.remove)? {
            article.iter().for_each(|article| problems.note(article));
            let article = article?;
            if let Some(ids) = &ids {
                if !ids.contains(&article.id) {
                    continue;
                }
                met.insert(article.id.clone());
            }
            if article.problem.is_some() {
                unreadable += 1;
                continue;
            }
            articles.push((CountedCorpus::key_of(&article), named(&article.place, &article.id)));
        }
        problems.report();
        let mut unknown = Vec::new();
        if unreadable > 0 {
            unknown.push(format!("{unreadable} rows of --remove that cannot be read"));
        }
        let never = ids.iter().flatten().filter(|id| !met.contains(*id));
        unknown.extend(never.map(|id| format!("id {id}: no article of --remove has it")));
        Ok(Self { articles, unknown })
    }

    /// Tells what was not found, and how much that is.
    fn report_missing(&self, found: &BTreeMap<u64, Vec<usize>>) -> usize {
        let missing = self.articles.iter().filter(|(key, _)| !found.contains_key(key));
        let missing =
            missing.map(|(_, name)| format!("{name}: no counted article has these words"));
        let all: Vec<String> = missing.chain(self.unknown.iter().cloned()).collect();
        for line in all.iter().take(NAMED) {
            eprintln!("warning: not removed: {line}");
        }
        if all.len() > NAMED {
            eprintln!("warning: not removed: {} more", all.len() - NAMED);
        }
        all.len()
    }
}

fn named(place: &Place, id: &str) -> String {
    if id.is_empty() { place.to_string() } else { format!("{place} (id {id})") }
}

fn read_ids(path: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{}: it cannot be read; try: a file with an id a line", path.display())
    })?;
    Ok(text.lines().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect())
}
