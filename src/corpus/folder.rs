//! A folder of text files and HTML pages, one article each.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::{Error, Result};

/// One file below the folder.
pub(super) struct TextFile {
    pub path: PathBuf,
    /// The path below the folder.
    pub id: String,
    /// The name of the folder it lies in.
    pub label: Option<String>,
    pub bytes: u64,
    /// Whether it is an HTML page.
    pub html: bool,
}

/// The `.txt` and `.html` files below `folder`, compressed ones too, by name; and how many other files there are.
pub(super) fn articles(folder: &Path) -> Result<(Vec<TextFile>, u64)> {
    let mut files = Vec::new();
    let mut others = 0;
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Error::io(path, error.into())
        })?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
        let html = [".html", ".htm", ".xhtml"].iter().any(|end| plain.ends_with(end));
        if !entry.file_type().is_file() {
            continue;
        }
        if !html && !plain.ends_with(".txt") {
            others += 1;
            continue;
        }
        let path = entry.into_path();
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let parent = path.parent().and_then(name_of);
        files.push(TextFile {
            id: below.to_string_lossy().replace('\\', "/"),
            label: parent,
            bytes: path.metadata().map_or(0, |meta| meta.len()),
            path,
            html,
        });
    }
    Ok((files, others))
}

/// A folder's name as it was written; `.` has none until it is resolved.
fn name_of(folder: &Path) -> Option<String> {
    let resolved = || folder.canonicalize().ok();
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(folder).or_else(|| name(&resolved()?))
}
