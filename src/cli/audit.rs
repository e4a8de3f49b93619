//! `audit`.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rubrique::Classifier;
use rubrique::corpus::Article;
use rubrique::pipeline::{Audit, Baseline, Drift, LabelCheck};
use rubrique::report::{
    AuditSetup, Table, write_audit, write_audit_html, write_drift, write_drift_html,
};

use super::Ending;
use super::args::{Audit as Arguments, Shared};
use super::evaluate::command_line;
use super::manifest::{Manifest, beside, settings_of};
use super::output::{Output, is_file};
use super::progress;
use super::settings::Settings;

pub(super) fn run(args: Arguments, shared: &Shared) -> Result<Ending> {
    if let Some(baseline) = &args.drift {
        return drift(&args, baseline, shared);
    }
    let settings = args.training.settings()?;
    let classifier = args.model.as_ref().map(|path| Classifier::load(path)).transpose()?;
    let mut run = Manifest::begin("audit", settings_of(&settings)?);
    if let (Some(path), Some(classifier)) = (&args.model, &classifier) {
        run = run.with_model(&path.display().to_string(), classifier)?;
    } else {
        run.settings.insert("cross_validate".to_owned(), args.cross_validate.into());
    }
    let reader = args.inputs.open_corrected(false)?;
    let digests = reader.digests();
    let files = Files::open(&args, "audit")?;
    let manifest = files.manifest(&args);
    let articles = reader.collect::<rubrique::Result<Vec<Article>>>()?;
    let bar = progress::articles(shared, "auditing");
    let check = match &classifier {
        Some(classifier) => LabelCheck::By(classifier),
        None => LabelCheck::OutOfFold(args.cross_validate),
    };
    let audit = Audit::new(articles, &settings, check, &|n| bar.set_position(n))?;
    bar.finish_and_clear();
    let language = args.lang.language();
    let written = files.write(
        &|out| Ok(Table::write(out, args.tables.profile(), |table| write_audit(&audit, table))?),
        &|out| Ok(write_audit_html(&audit, &setup(), language, out)?),
    )?;
    if let Some(path) = manifest {
        let written: Vec<&Path> = written.iter().map(PathBuf::as_path).collect();
        run.write_beside(&path, digests.all(), audit.articles.len() as u64, &written)?;
    }
    if !shared.quiet {
        eprint!("{}", summary(&audit));
    }
    Ok(if audit.findings.is_empty() { Ending::Done } else { Ending::Findings })
}

/// `--drift`.
fn drift(args: &Arguments, baseline: &Path, shared: &Shared) -> Result<Ending> {
    let reader = args.inputs.open_digested(true)?;
    let digests = reader.digests();
    let files = Files::open(args, "drift")?;
    let manifest = files.manifest(args);
    let mut run = Manifest::begin("audit", Settings::new());
    run.settings.insert("drift".to_owned(), baseline.display().to_string().into());
    run.settings.insert("seed".to_owned(), args.training.seed.into());
    let model = args.model.as_deref();
    let (classifier, baseline) = if is_model(baseline) {
        if model.is_some() {
            bail!("--model: the baseline is a model already; try: one of the two");
        }
        (Classifier::load(baseline)?, Baseline::Model)
    } else {
        let classifier = model.map_or_else(Classifier::press, Classifier::load)?;
        let reader = args.inputs.open_other(baseline)?;
        (classifier, Baseline::Articles(reader.collect::<rubrique::Result<_>>()?))
    };
    let name = model.map_or_else(|| "presse-fr".to_owned(), |path| path.display().to_string());
    run = run.with_model(&name, &classifier)?;
    let articles = reader.collect::<rubrique::Result<Vec<Article>>>()?;
    let drift = Drift::new(&articles, &baseline, &classifier, args.training.seed)?;
    let language = args.lang.language();
    let written = files.write(
        &|out| Ok(Table::write(out, args.tables.profile(), |table| write_drift(&drift, table))?),
        &|out| Ok(write_drift_html(&drift, &setup(), language, out)?),
    )?;
    if let Some(path) = manifest {
        let written: Vec<&Path> = written.iter().map(PathBuf::as_path).collect();
        run.write_beside(&path, digests.all(), articles.len() as u64, &written)?;
    }
    let shifts = drift.shifts();
    if !shared.quiet {
        eprint!("{}", drift_summary(&drift));
    }
    for row in &shifts {
        let (name, value) = (row.measure.name(), row.value.unwrap_or_default());
        eprintln!("warning: {name} {value:.3}: these articles are not like the baseline");
    }
    Ok(if shifts.is_empty() { Ending::Done } else { Ending::Findings })
}

fn setup() -> AuditSetup {
    AuditSetup { command: command_line(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Where table and page go, opened before the work.
struct Files {
    tables: Vec<(PathBuf, Output)>,
    page: Option<(PathBuf, Output)>,
}

type Write<'w> = &'w dyn Fn(&mut Output) -> Result<()>;

impl Files {
    fn open(args: &Arguments, name: &str) -> Result<Self> {
        let is_page =
            |path: &&PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html"));
        let folder = args.report.as_ref().filter(|path| !is_page(path));
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("{}: the folder cannot be made; try: another --report", folder.display())
            })?;
        }
        let mut tables: Vec<PathBuf> = args.output.iter().cloned().collect();
        tables.extend(folder.map(|folder| folder.join(format!("{name}.csv"))));
        if tables.is_empty() {
            tables.push("-".into());
        }
        let page = match folder {
            Some(folder) => Some(folder.join(format!("{name}.html"))),
            None => args.report.clone(),
        };
        let open = |path: PathBuf| -> Result<(PathBuf, Output)> {
            let out = Output::open(&path)?;
            Ok((path, out))
        };
        Ok(Self {
            tables: tables.into_iter().map(open).collect::<Result<_>>()?,
            page: page.map(open).transpose()?,
        })
    }

    /// Where the manifest goes: into the folder, or beside the first file; nowhere where nothing is written to a file.
    fn manifest(&self, args: &Arguments) -> Option<PathBuf> {
        let mut files = self.tables.iter().chain(&self.page).map(|(path, _)| path);
        match args.report.as_ref().filter(|path| path.is_dir()) {
            Some(folder) => Some(folder.join("manifest.json")),
            None => files.find(|path| is_file(path)).map(|path| beside(path)),
        }
    }

    /// Writes them; which files these are.
    fn write(self, table: Write<'_>, page: Write<'_>) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let tables = self.tables.into_iter().map(|file| (file, table));
        for ((path, mut out), write) in tables.chain(self.page.map(|file| (file, page))) {
            write(&mut out).with_context(|| path.display().to_string())?;
            out.finish()?;
            files.extend(Some(path).filter(|path| is_file(path)));
        }
        Ok(files)
    }
}

fn is_model(path: &Path) -> bool {
    let mut magic = [0; 8];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && &magic == b"rubrique"
}

/// How all new articles differ, for people.
fn drift_summary(drift: &Drift) -> String {
    use std::fmt::Write;
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
    let mut out = String::new();
    let _ = writeln!(out, "{} articles against {}", drift.articles, drift.baseline);
    let _ = writeln!(out, "  {:32}  baseline     now   95 % interval", "");
    for row in drift.rows.iter().filter(|row| row.group == "all") {
        let name = format!("{} {}", row.measure.name(), row.label);
        let _ = writeln!(
            out,
            "  {name:32}  {:>8}  {:>6}   {} – {}",
            number(row.baseline),
            number(row.value),
            number(row.low),
            number(row.high)
        );
    }
    out
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
