//! A folder of text files and HTML pages, one article each, or of files that hold articles.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::reader::Format;
use crate::error::{Error, Result};

/// One file below the folder.
pub(super) struct FolderFile {
    pub path: PathBuf,
    /// The path below the folder.
    pub id: String,
    /// The name of the folder it lies in.
    pub label: Option<String>,
    pub bytes: u64,
    pub format: Format,
}

/// The `.txt` and `.html` files below `folder`, compressed ones too, by name, and those of Parquet and Arrow where they can be read; and how
/// many other files there are.
pub(super) fn articles(folder: &Path) -> Result<(Vec<FolderFile>, u64)> {
    let mut files = Vec::new();
    let mut others = 0;
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Error::io(path, error.into())
        })?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if !entry.file_type().is_file() {
            continue;
        }
        let Some(format) = format_of(&name) else {
            others += 1;
            continue;
        };
        let path = entry.into_path();
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let parent = path.parent().and_then(name_of);
        files.push(FolderFile {
            id: below.to_string_lossy().replace('\\', "/"),
            label: parent,
            bytes: path.metadata().map_or(0, |meta| meta.len()),
            path,
            format,
        });
    }
    Ok((files, others))
}

/// The format of a file of articles, by its name in lower case.
fn format_of(name: &str) -> Option<Format> {
    let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let format = match plain.rsplit_once('.')?.1 {
        "txt" => Format::Text,
        "html" | "htm" | "xhtml" => Format::Html,
        "parquet" => Format::Parquet,
        "arrow" | "arrows" | "feather" => Format::Arrow,
        _ => return None,
    };
    (cfg!(feature = "arrow") || !format.needs_arrow()).then_some(format)
}

/// A folder's name as it was written; `.` has none until it is resolved.
fn name_of(folder: &Path) -> Option<String> {
    let resolved = || folder.canonicalize().ok();
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(folder).or_else(|| name(&resolved()?))
}
