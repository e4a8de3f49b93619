//! A page as blocks of text, with the elements that they stand in.

use dom_query::{Document, NodeRef};

use super::super::page::Reason;
use super::names::{Kind, kind};

/// One element, in document order.
#[derive(Debug)]
pub(super) struct Element {
    /// The element around it; the first is its own.
    pub parent: usize,
    pub tag: String,
    pub kind: Kind,
    /// Bytes of text below it, of links among these, of paragraphs among these.
    pub text: usize,
    pub links: usize,
    pub paragraphs: usize,
    pub has_h1: bool,
}

/// A run of text that is shown as one block.
#[derive(Debug)]
pub(super) struct Block {
    pub element: usize,
    pub text: String,
    /// Bytes of it that are links.
    pub links: usize,
    pub reason: Option<Reason>,
}

impl Block {
    pub(super) fn link_share(&self) -> f64 {
        self.links as f64 / self.text.len().max(1) as f64
    }

    /// Long enough for a paragraph, and no list of links.
    pub(super) fn is_paragraph(&self) -> bool {
        const LEAST: usize = 80;
        self.text.len() >= LEAST && self.link_share() < 0.4
    }
}

#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub elements: Vec<Element>,
    pub blocks: Vec<Block>,
}

/// Elements that do not break a line.
const INLINE: [&str; 34] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

enum Step<'d> {
    Enter(NodeRef<'d>, usize),
    Leave { is_inline: bool, is_link: bool, element: usize },
}

impl Blocks {
    /// Reads a document, from its body on.
    pub(super) fn read(document: &Document) -> Self {
        let mut blocks = Self::default();
        let root = document.body().unwrap_or_else(|| document.html_root());
        let mut text = Running::default();
        let mut steps = vec![Step::Enter(root, 0)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(node, parent) => {
                    if node.is_text() {
                        text.push(&node.text());
                        continue;
                    }
                    let Some(tag) = node.node_name() else { continue };
                    let tag = tag.to_ascii_lowercase();
                    if tag == "br" {
                        if text.breaks_at() {
                            blocks.flush(&mut text, parent);
                        }
                        continue;
                    }
                    let in_article = blocks.is_in(parent, &["article", "main"]);
                    let kind =
                        kind(&tag, |name| node.attr(name).map(|v| v.to_string()), in_article);
                    if kind == Kind::Skipped || !node.is_element() {
                        continue;
                    }
                    let is_inline = INLINE.contains(&tag.as_str()) && !is_own_block(kind, &text);
                    let is_link = tag == "a";
                    let element = if is_inline {
                        parent
                    } else {
                        blocks.flush(&mut text, parent);
                        blocks.elements.push(Element {
                            parent,
                            tag,
                            kind,
                            text: 0,
                            links: 0,
                            paragraphs: 0,
                            has_h1: false,
                        });
                        blocks.elements.len() - 1
                    };
                    text.link_depth += usize::from(is_link);
                    steps.push(Step::Leave { is_inline, is_link, element });
                    for child in node.children_it(true) {
                        steps.push(Step::Enter(child, element));
                    }
                }
                Step::Leave { is_inline, is_link, element } => {
                    text.link_depth -= usize::from(is_link);
                    if !is_inline {
                        blocks.flush(&mut text, element);
                    }
                }
            }
        }
        blocks.sum_up();
        blocks
    }

    fn flush(&mut self, text: &mut Running, element: usize) {
        let (collapsed, links) = text.take();
        // Vertical tabs and the like are left in it, and are no text by themselves.
        if !collapsed.trim().is_empty() && !self.elements.is_empty() {
            self.blocks.push(Block { element, text: collapsed, links, reason: None });
        }
    }

    /// Adds the blocks up over the elements that they stand in.
    fn sum_up(&mut self) {
        for block in &self.blocks {
            let own = &mut self.elements[block.element];
            own.text += block.text.len();
            own.links += block.links.min(block.text.len());
            if block.is_paragraph() {
                own.paragraphs += block.text.len();
            }
            own.has_h1 |= own.tag == "h1";
        }
        for at in (1..self.elements.len()).rev() {
            let (before, rest) = self.elements.split_at_mut(at);
            let (own, parent) = (&rest[0], &mut before[rest[0].parent]);
            parent.text += own.text;
            parent.links += own.links;
            parent.paragraphs += own.paragraphs;
            parent.has_h1 |= own.has_h1;
        }
    }

    /// An element and those around it, from the inside out; the body is the last.
    pub(super) fn around(&self, element: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(element);
        std::iter::from_fn(move || {
            let own = next?;
            let parent = self.elements.get(own)?.parent;
            next = (parent != own).then_some(parent);
            Some(own)
        })
    }

    pub(super) fn is_in(&self, element: usize, tags: &[&str]) -> bool {
        self.around(element).any(|e| tags.contains(&self.elements[e].tag.as_str()))
    }
}

/// A date or a byline in the middle of a sentence is a part of it; on its own it is a block.
fn is_own_block(kind: Kind, text: &Running) -> bool {
    matches!(kind, Kind::Furniture(..)) && text.raw.trim().is_empty()
}

/// The text of the block that is being read.
#[derive(Default)]
struct Running {
    raw: String,
    links: usize,
    link_depth: usize,
}

impl Running {
    fn push(&mut self, text: &str) {
        if self.link_depth > 0 {
            self.links += text.trim().len();
        }
        self.raw.push_str(text);
    }

    /// Whether a line break ends a paragraph here: where another one did just now, or behind a whole sentence.
    fn breaks_at(&mut self) -> bool {
        const LEAST: usize = 80;
        let ended = self.raw.trim_end_matches(' ');
        let is_second = ended.ends_with('\n')
            && ended.trim_end_matches(|c: char| c.is_ascii_whitespace()).len() < ended.len();
        let is_sentence =
            ended.len() >= LEAST && ended.ends_with(['.', '!', '?', '»', ':', '"', '…']);
        // A linked title above the beginning of its article.
        let is_title = self.links >= 15 && self.links * 5 >= ended.trim().len() * 4;
        self.raw.push('\n');
        is_second || is_sentence || is_title
    }

    fn take(&mut self) -> (String, usize) {
        let collapsed = super::collapse(&self.raw);
        self.raw.clear();
        (collapsed, std::mem::take(&mut self.links))
    }
}
