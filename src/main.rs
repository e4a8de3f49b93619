//! The command line of rubrique. What it does is in the library; here stands what was typed, what is shown, and
//! how the run ends.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
