//! From what the user typed to the pipeline, and back to an exit status.

mod args;
mod audit;
mod classify;
mod clean;
mod counts;
mod evaluate;
mod explain;
mod inspect;
mod interrupt;
mod manifest;
mod model;
mod output;
mod partial;
mod problems;
mod progress;
mod results;
mod rows;
mod settings;
mod signature;
mod tokenize;
mod train;
mod untrain;
mod upcoming;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use args::{Args, Color, Command};

/// How a run ended that could be run at all.
pub(crate) enum Ending {
    /// All is well: exit 0.
    Done,
    /// Done, with something to look at: exit 1.
    Findings,
    /// A signal asked for the end: exit 128 and its number, as shells have it.
    Interrupted(u8),
}

/// Parses the command line, runs it and reports its errors.
pub(crate) fn run() -> ExitCode {
    let args = Args::parse();
    match args.shared.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match execute(args) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(1),
        Ok(Ending::Interrupted(signal)) => ExitCode::from(128 + signal),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("\x1b[1;31merror:\x1b[0m {}", chain(&error));
            ExitCode::from(2)
        }
    }
}

/// The causes joined by colons, each said once: some errors already quote their cause.
fn chain(error: &anyhow::Error) -> String {
    let mut out = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !out.contains(&cause) {
            if !out.is_empty() {
                out.push_str(": ");
            }
            out.push_str(&cause);
        }
    }
    out
}

/// More than this only costs start-up; results are the same at any number.
const MOST_THREADS: usize = 256;

fn execute(args: Args) -> Result<Ending> {
    let threads = args.shared.threads.map_or(0, |n| n.get().min(MOST_THREADS));
    // This thread is one of them: there is one less to start and to wait for.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .use_current_thread()
        .build()
        .context("the threads could not be started; try: --threads 1")?;
    let shared = args.shared;
    pool.install(|| match args.command {
        Command::Train(command) => train::train(command, &shared),
        Command::Merge(command) => train::merge(command, &shared),
        Command::Untrain(command) => untrain::run(command, &shared),
        Command::Classify(command) => classify::run(command, &shared),
        Command::Evaluate(command) => evaluate::run(command, &shared),
        Command::Audit(command) => audit::run(*command, &shared),
        Command::Explain(command) => explain::run(command),
        Command::Inspect(command) => inspect::run(command),
        Command::Model(command) => model::run(command, &shared),
        Command::Clean(command) => clean::run(command),
        Command::Tokenize(command) => tokenize::run(command),
    })
}

/// Whoever reads our output may stop early, as `head` does: that is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        // serde_json keeps its cause to itself.
        let json = || cause.downcast_ref::<serde_json::Error>().and_then(|e| e.io_error_kind());
        io.or_else(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}
