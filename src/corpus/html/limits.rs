//! What a page may cost. Trees of hostile pages are deep, or grow with the square of the page.

use memchr::memchr;

/// Pages beyond these are read as a stream of tags.
const MOST_BYTES: usize = 16 << 20;
const MOST_TAGS: usize = 300_000;
const DEEPEST: usize = 512;
/// Formatting that is left open is opened again in every paragraph: so many elements at most.
const MOST_REOPENED: usize = 2_000_000;

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements that the next one of their kind closes.
const SELF_CLOSED: [&str; 14] = [
    "p", "li", "td", "tr", "th", "dd", "dt", "option", "thead", "tbody", "tfoot", "html", "body",
    "head",
];
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
const BLOCKS: [&str; 34] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "title",
    "tr",
    "ul",
];

/// A tag of the stream: its name in lower case, whether it closes, where it begins and ends.
struct Tag {
    name: String,
    closes: bool,
    start: usize,
    end: usize,
}

/// The tags of a page, in order; what stands in scripts and styles is passed over.
fn tags(html: &str) -> impl Iterator<Item = Tag> {
    let bytes = html.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr(b'<', bytes.get(at..)?)?;
            let rest = &bytes[start + 1..];
            if rest.starts_with(b"!--") {
                let end = memchr::memmem::find(&rest[3..], b"-->").map(|e| start + 4 + e + 3);
                at = end.unwrap_or(bytes.len());
                continue;
            }
            let closes = rest.first() == Some(&b'/');
            let name = &rest[usize::from(closes)..];
            let length = name.iter().take(20).take_while(|b| b.is_ascii_alphanumeric()).count();
            if length == 0 || !name[0].is_ascii_alphabetic() {
                at = start + 1;
                if rest.first() == Some(&b'!') || rest.first() == Some(&b'?') {
                    at = memchr(b'>', rest).map_or(bytes.len(), |e| start + 1 + e + 1);
                }
                continue;
            }
            let name = String::from_utf8_lossy(&name[..length]).to_ascii_lowercase();
            let mut end = memchr(b'>', rest).map_or(bytes.len(), |e| start + 1 + e + 1);
            if !closes && (name == "script" || name == "style") {
                let close = format!("</{name}");
                end = find_ignoring_case(&bytes[end..], close.as_bytes())
                    .map_or(bytes.len(), |e| end + e);
            }
            at = end;
            return Some(Tag { name, closes, start, end });
        }
    })
}

fn find_ignoring_case(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'<', bytes.get(from..)?)?;
        if bytes.get(at..at + wanted.len())?.eq_ignore_ascii_case(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Whether a page may be read into a tree.
pub(super) fn allow_tree(html: &str) -> bool {
    if html.len() > MOST_BYTES {
        return false;
    }
    let (mut count, mut depth, mut formatting, mut most_formatting) =
        (0usize, 0usize, 0usize, 0usize);
    for tag in tags(html) {
        count += 1;
        let name = tag.name.as_str();
        let step = |n: usize| if tag.closes { n.saturating_sub(1) } else { n + 1 };
        if FORMATTING.contains(&name) {
            formatting = step(formatting);
            most_formatting = most_formatting.max(formatting);
        } else if !VOID.contains(&name) && !SELF_CLOSED.contains(&name) {
            depth = step(depth);
        }
        let is_too_much = count > MOST_TAGS
            || depth > DEEPEST
            || formatting > DEEPEST
            || most_formatting * count > MOST_REOPENED;
        if is_too_much {
            return false;
        }
    }
    true
}

/// A page's text without a tree: tags out, a line for every block, entities decoded.
pub(super) fn stripped(html: &str) -> String {
    let mut out = String::new();
    let mut copied = 0;
    for tag in tags(html) {
        out.push_str(&htmlize::unescape(&html[copied..tag.start.max(copied)]));
        copied = tag.end;
        if BLOCKS.contains(&tag.name.as_str()) && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out.push_str(&htmlize::unescape(&html[copied.min(html.len())..]));
    let lines = out.lines().map(super::collapse).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n\n")
}
