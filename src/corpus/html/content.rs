//! Where on the page the article stands.

use super::super::page::{Reason, heads_box, is_same_wording, read_dateline};
use super::HtmlPage;
use super::blocks::{Block, Blocks};
use super::metadata::Metadata;
use super::names::Kind;

/// The text of the metadata stands in where the page shows less than this share of it.
const LEAST_SHOWN: f64 = 0.5;

/// Where less is left, in bytes, names have misled.
const LEAST_TEXT: usize = 250;

/// Every paragraph of the page that no sure name calls furniture.
fn all_paragraphs(page: &Blocks) -> String {
    let is_sure =
        |e: usize| matches!(page.elements[e].kind, Kind::Furniture(_, most) if most > 0.5);
    let paragraphs =
        page.blocks.iter().filter(|b| b.is_paragraph() && !page.around(b.element).any(is_sure));
    paragraphs.map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n\n")
}

/// Chooses the article's blocks and puts the page together.
pub(super) fn choose(mut page: Blocks, metadata: Metadata) -> HtmlPage {
    flag_by_names(&mut page);
    flag_by_headings(&mut page);
    flag_by_links(&mut page);
    let title = title(&page, &metadata);
    let containers = containers(&page);
    let is_inside = |block: &Block| page.around(block.element).any(|e| containers.contains(&e));
    let first = page.blocks.iter().position(is_inside);
    let heading = page.blocks.iter().position(|b| page.elements[b.element].tag == "h1");
    let mut out = HtmlPage { title, ..HtmlPage::default() };
    let mut lines: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    let mut author = None;
    let mut date = None;
    for (at, block) in page.blocks.iter().enumerate() {
        let inside = is_inside(block);
        // The standfirst stands between the heading and the article's own part.
        let is_standfirst = heading.is_some_and(|h| h < at)
            && first.is_some_and(|f| at < f)
            && block.link_share() < 0.3
            && block.text.len() >= 40
            && (block.is_paragraph() || block.text.ends_with(['.', '!', '?', '»', '…']));
        let is_title =
            page.elements[block.element].tag == "h1" || is_same_wording(&block.text, &out.title);
        let reason = match block.reason {
            _ if is_title => Some(Reason::Title),
            Some(reason) => Some(reason),
            None if inside || is_standfirst => None,
            None => Some(if block.is_paragraph() { Reason::Teaser } else { Reason::Navigation }),
        };
        match reason {
            None => lines.push(block.text.clone()),
            Some(reason) => {
                if reason == Reason::Tags && page.elements[block.element].tag != "ul" {
                    tags.push(block.text.clone());
                }
                let may_tell = matches!(reason, Reason::Dateline | Reason::Navigation);
                if may_tell && (inside || heading.is_some_and(|h| at.abs_diff(h) < 12)) {
                    let (own_date, own_author) = read_dateline(&block.text);
                    date = date.or(own_date);
                    author = author.or(own_author);
                }
                out.dropped.push((block.text.clone(), reason));
            }
        }
    }
    out.text = lines.join("\n\n");
    if out.text.len() < LEAST_TEXT {
        let rest = all_paragraphs(&page);
        if rest.len() > 2 * out.text.len() {
            out.text = rest;
        }
    }
    if let Some(body) =
        metadata.body.filter(|body| (out.text.len() as f64) < body.len() as f64 * LEAST_SHOWN)
    {
        out.text = body;
    }
    out.date = metadata.date.or(date);
    out.author = metadata.author.or(author);
    out.section = metadata.section;
    out.source = metadata.source;
    out.tags = if metadata.tags.is_empty() { tags } else { metadata.tags };
    out
}

/// The block that the metadata name too: the longest of them, since sites' names stand in the same titles. Where the metadata
/// name nothing, the heading.
fn title(page: &Blocks, metadata: &Metadata) -> String {
    const LEAST: usize = 15;
    let is_heading = |block: &&Block| page.elements[block.element].tag == "h1";
    let first = page.blocks.iter().find(is_heading).map(|b| b.text.as_str());
    let Some(named) = metadata.titles.first() else { return first.unwrap_or_default().to_owned() };
    let is_named = |text: &str| {
        metadata.titles.iter().any(|title| {
            is_same_wording(title, text) || (text.len() >= LEAST && title.contains(text))
        })
    };
    let shown = page.blocks.iter().map(|b| b.text.as_str()).filter(|text| is_named(text));
    let shown = shown.max_by_key(|text| text.len()).filter(|text| text.len() * 2 >= named.len());
    shown.or(first.filter(|heading| heading.len() >= 25)).unwrap_or(named).to_owned()
}

/// What names and kinds say, unless it holds most of the page.
fn flag_by_names(page: &mut Blocks) {
    let whole = page.elements.first().map_or(0, |body| body.paragraphs) as f64;
    let flags: Vec<Option<Reason>> = page
        .elements
        .iter()
        .map(|element| match element.kind {
            Kind::Furniture(reason, most) => {
                let is_most = element.paragraphs as f64 > most * whole && element.paragraphs > 0;
                let holds_title =
                    element.has_h1 && element.tag != "nav" && reason != Reason::Notice;
                (!is_most && !holds_title).then_some(reason)
            }
            _ => None,
        })
        .collect();
    for at in 0..page.blocks.len() {
        // The outermost word counts: a share link among the comments belongs to them.
        let reason = page.around(page.blocks[at].element).filter_map(|e| flags[e]).last();
        page.blocks[at].reason = reason;
    }
    // Pictures stand in figures with what is written below them; tables and quotations do too.
    for at in 0..page.blocks.len() {
        let element = page.blocks[at].element;
        let in_figure = page.is_in(element, &["figure"])
            && !page.is_in(element, &["table", "blockquote", "pre"]);
        if in_figure && page.blocks[at].reason.is_none() && !page.blocks[at].is_long() {
            page.blocks[at].reason = Some(Reason::Caption);
        }
    }
}

impl Block {
    fn is_long(&self) -> bool {
        self.text.len() > 600
    }
}

/// Boxes by their first words, whatever their names: « Sur le même sujet », « Inscrivez-vous à notre newsletter ». A box is the outermost
/// element that begins with them and holds little of the page's paragraphs.
fn flag_by_headings(page: &mut Blocks) {
    const LARGEST: usize = 4;
    let whole = page.elements.first().map_or(0, |body| body.paragraphs);
    let mut first = vec![usize::MAX; page.elements.len()];
    for (at, block) in page.blocks.iter().enumerate() {
        for element in page.around(block.element) {
            first[element] = first[element].min(at);
        }
    }
    for at in 0..page.blocks.len() {
        let block = &page.blocks[at];
        let (None, Some(reason)) = (block.reason, heads_box(&block.text)) else { continue };
        let is_box = |e: &usize| {
            let element = &page.elements[*e];
            first[*e] == at
                && element.paragraphs * LARGEST <= whole
                && element.kind != Kind::Body
                && !matches!(element.tag.as_str(), "body" | "main" | "article")
                && !element.has_h1
        };
        let Some(found) = page.around(block.element).take_while(is_box).last() else { continue };
        for other in at..page.blocks.len() {
            let is_inside = page.around(page.blocks[other].element).any(|e| e == found);
            if is_inside && page.blocks[other].reason.is_none() {
                page.blocks[other].reason = Some(reason);
            }
        }
    }
}

/// What is made of links: blocks, lists, and rows of cards that each begin with one.
fn flag_by_links(page: &mut Blocks) {
    const LEAST: usize = 40;
    let is_list: Vec<bool> = page
        .elements
        .iter()
        .map(|e| {
            let is_most = e.links * 2 > e.text && e.text >= LEAST;
            is_most && !matches!(e.tag.as_str(), "body" | "main" | "article" | "p") && !e.has_h1
        })
        .collect();
    let cards = cards(page);
    let last = page.blocks.iter().rposition(|b| b.reason.is_none() && b.is_paragraph());
    for at in 0..page.blocks.len() {
        let block = &page.blocks[at];
        if block.reason.is_some() {
            continue;
        }
        let tag = page.elements[block.element].tag.as_str();
        let is_link =
            block.link_share() > 0.8 && tag != "h1" && (block.text.len() > 12 || tag != "p");
        let in_list = page.around(block.element).any(|e| is_list[e] || cards[e]);
        if is_link || in_list {
            let is_behind = last.is_none_or(|last| at > last);
            let is_title = block.text.len() >= 25 || in_list || is_behind;
            page.blocks[at].reason =
                Some(if is_title { Reason::Teaser } else { Reason::Navigation });
        }
    }
}

/// Elements whose children are cards: a linked title, and at most a short text below it.
fn cards(page: &Blocks) -> Vec<bool> {
    #[derive(Clone, Default)]
    struct Child {
        begins_with_link: bool,
        blocks: usize,
        paragraphs: usize,
    }
    // For each element, what stands in it, by its blocks in order.
    let mut children: Vec<Child> = vec![Child::default(); page.elements.len()];
    for block in &page.blocks {
        for element in page.around(block.element) {
            let child = &mut children[element];
            // What stands above the title, such as a section's name, is short.
            if block.link_share() > 0.8 && block.text.len() >= 15 && child.paragraphs == 0 {
                child.begins_with_link = true;
            }
            child.blocks += 1;
            child.paragraphs += usize::from(block.is_paragraph());
        }
    }
    let mut counts = vec![(0usize, 0usize); page.elements.len()];
    // Text that stands in the element itself, as between line breaks, is no card.
    for block in page.blocks.iter().filter(|block| block.is_paragraph()) {
        counts[block.element].1 += 1;
    }
    for (at, element) in page.elements.iter().enumerate().skip(1) {
        if element.text == 0 {
            continue;
        }
        let child = &children[at];
        let is_card = child.begins_with_link
            && child.paragraphs <= 1
            && child.blocks <= 6
            && element.text < 700;
        let count = &mut counts[element.parent];
        count.0 += usize::from(is_card);
        count.1 += usize::from(!is_card && element.text >= 40);
    }
    let whole = page.elements.first().map_or(0, |body| body.paragraphs);
    counts
        .iter()
        .enumerate()
        .map(|(at, &(cards, others))| {
            let is_main = page.elements[at].paragraphs * 2 > whole || page.elements[at].has_h1;
            cards >= 2 && others == 0 && !is_main
        })
        .collect()
}

/// The elements that hold the article: what sites call its body, in several parts on some, an `article` or `main`, or what
/// holds most paragraphs.
fn containers(page: &Blocks) -> Vec<usize> {
    let mut own = vec![0usize; page.elements.len()];
    let mut below = vec![0usize; page.elements.len()];
    for block in page.blocks.iter().filter(|b| b.reason.is_none() && b.is_paragraph()) {
        for (step, element) in page.around(block.element).enumerate() {
            below[element] += block.text.len();
            // A paragraph speaks for the element that it stands in, less for those further out.
            if step <= 3 {
                own[element] += block.text.len() >> step;
            }
        }
    }
    let whole = below.first().copied().unwrap_or_default();
    if whole == 0 {
        // No paragraph at all: all of what is no furniture.
        return vec![0];
    }
    let best = (0..own.len()).max_by_key(|&e| (own[e], std::cmp::Reverse(e))).unwrap_or_default();
    let around: Vec<usize> = page.around(best).collect();
    let is_body = |e: usize| page.elements[e].kind == Kind::Body;
    let is_named = |&&e: &&usize| is_body(e) || page.elements[e].tag == "article";
    // The outermost that holds most: an article in a list of articles is not the list.
    let named = around.iter().filter(is_named).rfind(|&&e| below[e] * 2 > whole);
    let nearest = || around.iter().find(is_named).filter(|&&e| below[e] * 3 > whole);
    let most = || around.iter().find(|&&e| below[e] * 10 >= whole * 7);
    // What sites call the article's body is not it by its size alone: a long page has much around a short article.
    let body = || around.iter().find(|&&e| is_body(e));
    let Some(&chosen) = named.or_else(nearest).or_else(most).or_else(body) else {
        return vec![0];
    };
    let mut all = vec![chosen];
    if is_body(chosen) {
        // The other parts of a body that builders of pages cut into pieces.
        let is_other = |&e: &usize| {
            is_body(e)
                && below[e] > 0
                && !page.around(e).skip(1).any(is_body)
                && !page.around(e).any(|o| o == chosen)
        };
        all.extend((0..page.elements.len()).filter(is_other).filter(|e| !around.contains(e)));
    }
    all
}
