//! What every page of ours has: one file, no request, readable with scripts off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::language::Language;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// What `templates/base.html` needs. A page's template extends it and has a field `base` of this type.
pub(super) struct Base {
    pub language: Language,
    pub style: &'static str,
    pub script: &'static str,
    /// The content security policy: our own style and script by their hashes, and nothing else from anywhere. What an article might smuggle
    /// past the escaping would not run.
    pub policy: String,
}

impl Base {
    pub(super) fn new(language: Language) -> Self {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        Self { language, style: STYLE, script: SCRIPT, policy }
    }
}
