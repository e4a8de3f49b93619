//! A bar for those who wait, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use super::args::Shared;

/// Counts articles. Hidden when quiet or when standard error is no terminal.
pub(crate) fn articles(shared: &Shared, what: &'static str) -> ProgressBar {
    if shared.quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length().with_message(what);
    let style =
        ProgressStyle::with_template("{spinner} {msg}: {human_pos} articles, {per_sec}, {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}
