//! What the layout of a page tells: where the run of paragraphs is, and what stands before and behind it.

use super::Reason;
use super::cues::{self, Cue, plain};
use super::dateline::{self, Dateline};

/// Furniture is no paragraph: lines that are longer, in bytes, are judged by their beginning alone.
const LONGEST_FURNITURE: usize = 220;
/// Notices on cookies and the like may be as long as paragraphs.
const LONGEST_NOTICE: usize = 1200;
/// A paragraph that carries an article has so many bytes at least.
const LEAST_PARAGRAPH: usize = 100;
const LONGEST_TITLE: usize = 200;

/// One line of a page.
pub(super) struct Line<'t> {
    pub text: &'t str,
    /// Empty for paragraphs, whose wording says nothing.
    pub plain: String,
    pub cue: Cue,
    pub dateline: Option<Dateline<'t>>,
    /// What becomes of it.
    pub fate: Fate,
}

/// Kept, or dropped for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    Dropped(Reason),
}

impl<'t> Line<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let mut line =
            Self { text, plain: String::new(), cue: Cue::None, dateline: None, fate: Fate::Kept };
        if text.is_empty() {
            return line;
        }
        if text.len() > LONGEST_FURNITURE {
            if text.len() <= LONGEST_NOTICE {
                line.cue = cues::long_cue(text, LONGEST_FURNITURE);
            }
        } else {
            line.plain = plain(text);
            line.cue = cues::cue(&line.plain);
            if line.cue == Cue::None && cues::ends_in_credit(text) {
                line.cue = Cue::Drop(Reason::Caption);
            }
            if line.cue == Cue::None {
                line.dateline = dateline::read(text, &line.plain);
            }
        }
        if let Cue::Drop(reason) = line.cue {
            line.fate = Fate::Dropped(reason);
        } else if line.dateline.is_some() {
            line.fate = Fate::Dropped(Reason::Dateline);
        }
        line
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn is_kept(&self) -> bool {
        self.fate == Fate::Kept
    }

    /// A paragraph of an article: long, and ended like a sentence.
    pub(super) fn is_paragraph(&self) -> bool {
        self.text.len() >= LEAST_PARAGRAPH
            && self.cue == Cue::None
            && self.dateline.is_none()
            && !self.is_cut()
            && (self.text.len() > LONGEST_FURNITURE || !self.is_title_like())
    }

    /// Cut by an ellipsis, as the beginnings of other articles are.
    pub(super) fn is_cut(&self) -> bool {
        let end = self.text.trim_end_matches([']', ')', ' ', '»', '"']);
        end.ends_with("...") || end.ends_with('…')
    }

    /// Short, and not ended like a sentence, nor like speech.
    pub(super) fn is_title_like(&self) -> bool {
        if self.is_blank() || self.text.len() > LONGEST_TITLE {
            return false;
        }
        let unquoted = self.text.trim_end_matches([' ', '\u{A0}', '"', '»', '”', ')']);
        let is_speech =
            unquoted.len() < self.text.len() && unquoted.ends_with(['.', '!', '?', ',']);
        let is_sentence = unquoted.ends_with(['.', ',', ';']) && !self.is_cut();
        !is_sentence && !is_speech
    }

    pub(super) fn words(&self) -> usize {
        self.text.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).count()
    }

    /// A link of a menu: a few words.
    fn is_menu_item(&self) -> bool {
        self.is_title_like() && self.words() <= 3
    }
}

/// Whether all lines below a title are the article's own, for sure: nothing is told by the wording of any, and titles, which the layout is judged
/// by, are none among them, or one that no other line could repeat.
pub(super) fn is_text(lines: &[Line<'_>]) -> bool {
    let is_told = |line: &Line<'_>| line.cue != Cue::None || !line.is_kept();
    let titles = lines.iter().filter(|line| line.is_title_like()).count();
    let short = || lines.iter().filter(|line| !line.plain.is_empty()).count();
    !lines.iter().any(is_told) && (titles == 0 || titles == 1 && short() == 1)
}

/// Judges what needs its neighbours: boxes of other articles, comments, links with their titles.
pub(super) fn judge_boxes(lines: &mut [Line<'_>]) {
    let paragraphs: usize = lines.iter().filter(|l| l.is_paragraph()).map(|l| l.text.len()).sum();
    let mut before = 0;
    let mut begun = false;
    let mut at = 0;
    while at < lines.len() {
        if lines[at].is_paragraph() {
            before += lines[at].text.len();
        }
        match lines[at].cue {
            Cue::Closing(reason) => {
                lines[at].fate = Fate::Dropped(if begun { reason } else { Reason::Navigation });
                // A link to the comments beside the share links is not where they stand.
                let is_early = before * 4 < paragraphs;
                let end = if !begun || (reason == Reason::Comments && is_early) {
                    at + 1
                } else {
                    resumption(lines, at + 1, reason)
                };
                for line in &mut lines[at + 1..end] {
                    if line.is_kept() {
                        line.fate = Fate::Dropped(reason);
                    }
                }
                at = end;
                continue;
            }
            Cue::Inline => {
                lines[at].fate = Fate::Dropped(Reason::Teaser);
                if !names_its_article(&lines[at]) {
                    at = drop_titles(lines, at + 1);
                    continue;
                }
            }
            Cue::Drop(_) | Cue::None => {
                begun |= lines[at].is_kept() && !lines[at].is_blank() && !lines[at].is_title_like();
            }
        }
        at += 1;
    }
}

/// « Lire aussi : Trafic au port » names it, « Lire aussi : » does not.
fn names_its_article(line: &Line<'_>) -> bool {
    line.plain
        .split_once([':', '|', '>', '–', '→', '»', '›', '—', '►', '▶'])
        .is_some_and(|(_, rest)| rest.chars().any(char::is_alphanumeric) && line.words() > 2)
}

/// The title below a link, and those after it in the same list. Returns the line behind them.
fn drop_titles(lines: &mut [Line<'_>], from: usize) -> usize {
    let next =
        |lines: &[Line<'_>], from: usize| (from..lines.len()).find(|&i| !lines[i].is_blank());
    let Some(mut at) = next(lines, from) else { return from };
    let bullet =
        |line: &Line<'_>| line.text.chars().next().filter(|c| !c.is_alphanumeric() && *c != '«');
    let list = bullet(&lines[at]);
    let mut end = from;
    while lines[at].is_title_like() && lines[at].is_kept() && lines[at].cue == Cue::None {
        lines[at].fate = Fate::Dropped(Reason::Teaser);
        end = at + 1;
        match next(lines, end) {
            Some(next) if list.is_some() && bullet(&lines[next]) == list => at = next,
            // A heading of the article's own is short.
            Some(next) if lines[next].words() >= 8 && lines[next].text.len() >= 60 => at = next,
            _ => break,
        }
    }
    end
}

/// Where the article goes on behind a box of other articles that begins at `from`; the end, where it does not.
///
/// Boxes list titles, or titles with the beginnings of their articles. Two paragraphs on end that no title parts are the
/// article's own again.
fn resumption(lines: &[Line<'_>], from: usize, reason: Reason) -> usize {
    if reason == Reason::Comments {
        return lines.len();
    }
    let mut has_summaries = false;
    let mut previous: Option<usize> = None;
    let filled = (from..lines.len()).filter(|&i| !lines[i].is_blank());
    for at in filled {
        let line = &lines[at];
        let before = previous.replace(at).map(|i| (&lines[i], i));
        if !line.is_paragraph() {
            has_summaries |= line.is_cut() && line.text.len() > LONGEST_TITLE / 2;
            continue;
        }
        match before {
            Some((first, i)) if first.is_paragraph() => {
                let enough = lines[i..].iter().filter(|l| l.is_paragraph()).count() >= 2;
                // Behind a title stands its summary, where the others have one too.
                return match (has_summaries, enough) {
                    (_, false) => lines.len(),
                    (true, true) => at,
                    (false, true) => i,
                };
            }
            _ => {
                let titled_before = has_title_then_paragraph(lines, from, at);
                has_summaries |= titled_before;
            }
        }
    }
    lines.len()
}

/// Whether an earlier title of the box has a paragraph of its own.
fn has_title_then_paragraph(lines: &[Line<'_>], from: usize, to: usize) -> bool {
    let filled: Vec<&Line<'_>> = lines[from..to].iter().filter(|l| !l.is_blank()).collect();
    filled.windows(2).any(|pair| pair[0].is_title_like() && pair[1].is_paragraph())
}

/// What stands before the first paragraph: finds the title, and drops the menus around it. `title` is the given one or
/// empty; returns the line of the title, where the page has it.
pub(super) fn judge_head(lines: &mut [Line<'_>], title: &str) -> Option<usize> {
    let head = head_end(lines);
    let drops =
        lines[..head].iter().filter(|l| matches!(l.cue, Cue::Drop(_) | Cue::Closing(_))).count();
    let items = lines[..head].iter().filter(|l| l.is_kept() && l.is_menu_item()).count();
    let twice = title_told_twice(&lines[..head]);
    let is_page = drops > 0 || items >= 3 || twice.is_some();
    let at = if title.is_empty() {
        let of_page = || title_of_page(&lines[..head]);
        twice.or_else(|| if is_page { of_page() } else { title_of_text(lines) })
    } else if is_page {
        let title = plain(title);
        lines[..head].iter().rposition(|line| line.plain == title)
    } else {
        None
    };
    if is_page {
        for (i, line) in lines[..head].iter_mut().enumerate() {
            let is_before = at.is_some_and(|at| i < at);
            let is_item = line.is_menu_item() && Some(i) != at;
            if line.is_kept() && !line.is_blank() && (is_before || is_item) {
                line.fate = Fate::Dropped(Reason::Navigation);
            }
        }
    }
    if let Some(at) = at {
        lines[at].fate = Fate::Dropped(Reason::Title);
        // Once more, as in the browser's tab and as the last crumb of a path.
        let own = lines[at].plain.clone();
        for line in lines[..head].iter_mut().filter(|l| l.is_kept() && l.plain == own) {
            line.fate = Fate::Dropped(Reason::Title);
        }
    }
    at
}

/// A sentence above the credit of a photograph says what is to be seen on it.
pub(super) fn judge_captions(lines: &mut [Line<'_>]) {
    let mut above: Option<usize> = None;
    for at in (0..lines.len()).filter(|&i| !lines[i].text.is_empty()).collect::<Vec<_>>() {
        if let (Fate::Dropped(Reason::Caption), Some(above)) = (lines[at].fate, above)
            && lines[above].is_kept()
            && !lines[above].is_paragraph()
            && !lines[above].is_title_like()
        {
            lines[above].fate = Fate::Dropped(Reason::Caption);
        }
        above = Some(at);
    }
}

/// Where the first paragraph stands, or the dateline that comes behind a notice or saying which looks like one.
fn head_end(lines: &[Line<'_>]) -> usize {
    let paragraph = lines.iter().position(|l| l.is_kept() && l.is_paragraph());
    // A brief may have no paragraph that is long enough.
    let sentence = || lines.iter().position(|l| l.is_kept() && !l.is_blank() && !l.is_title_like());
    let first = paragraph.or_else(sentence).unwrap_or(lines.len());
    let size = |lines: &[Line<'_>]| -> usize {
        lines.iter().filter(|l| l.is_kept() && l.is_paragraph()).map(|l| l.text.len()).sum()
    };
    let whole = size(lines);
    let dateline = lines.iter().position(|l| l.dateline.as_ref().is_some_and(|d| d.date.is_some()));
    match dateline {
        Some(at) if at > first && size(&lines[..at]) * 8 < whole => {
            let mut above = lines[..at].iter().rev().filter(|l| !l.is_blank()).take(2);
            if above.any(|l| l.is_title_like() && l.words() >= 4) { at } else { first }
        }
        _ => first,
    }
}

/// Lines of the head that may be a title.
fn candidates(head: &[Line<'_>]) -> Vec<usize> {
    let is_candidate = |line: &Line<'_>| {
        line.is_kept() && line.is_title_like() && line.words() >= 4 && line.text.len() >= 20
    };
    (0..head.len()).filter(|&i| is_candidate(&head[i])).collect()
}

/// The title that stands twice in the head: in the browser's tab or in the path, and as the heading itself.
fn title_told_twice(head: &[Line<'_>]) -> Option<usize> {
    let is_twice = |&i: &usize| {
        let own = &head[i].plain;
        head.iter().enumerate().any(|(j, other)| j != i && other.plain.contains(own.as_str()))
    };
    // Names of sites come again too, and are shorter.
    candidates(head).into_iter().filter(is_twice).max_by_key(|&i| (head[i].plain.len(), i))
}

/// The title among menus: the line that a dateline or the article follows.
fn title_of_page(head: &[Line<'_>]) -> Option<usize> {
    let candidates = candidates(head);
    let dateline = head.iter().position(|l| l.dateline.is_some());
    let above = dateline.and_then(|end| {
        let near = candidates.iter().copied().filter(|&i| i < end).collect::<Vec<_>>();
        first_of_last_group(head, &near)
    });
    above.or_else(|| first_of_last_group(head, &candidates))
}

/// The first of the last lines that only blanks part: a title, and a standfirst below it.
fn first_of_last_group(head: &[Line<'_>], candidates: &[usize]) -> Option<usize> {
    let &[.., before, last] = candidates else { return candidates.last().copied() };
    let apart = head[before + 1..last].iter().any(|l| !l.is_blank());
    Some(if apart { last } else { before })
}

/// The first line of a text without furniture, where a blank line or a dateline sets it apart from what follows.
fn title_of_text(lines: &[Line<'_>]) -> Option<usize> {
    let at = lines.iter().position(|l| !l.is_blank())?;
    let next = lines.get(at + 1)?;
    let more = lines[at + 1..].iter().any(|l| !l.is_blank());
    let apart = next.is_blank() || next.dateline.is_some();
    (apart && more && lines[at].is_title_like() && lines[at].cue == Cue::None).then_some(at)
}

/// What stands behind the last paragraph: teasers without a heading, and links.
pub(super) fn judge_tail(lines: &mut [Line<'_>]) {
    drop_cut_pairs(lines);
    let Some(last) = lines.iter().rposition(|l| l.is_kept() && l.is_paragraph()) else { return };
    let tail = &mut lines[last + 1..];
    // Credits and bylines end clean articles too.
    let is_furniture = |l: &&Line<'_>| {
        let own = matches!(l.cue, Cue::Drop(Reason::Credit | Reason::Dateline));
        matches!(l.cue, Cue::Drop(_) | Cue::Closing(_)) && !own
    };
    let drops = tail.iter().filter(is_furniture).count();
    let short = |l: &Line<'_>| {
        let is_said = l.text.ends_with(['!', '?', '…']) || l.is_cut();
        l.is_kept() && !l.is_blank() && l.is_title_like() && (drops > 0 || !is_said)
    };
    let links = tail.iter().filter(|l| short(l)).count();
    if drops == 0 && links < 3 {
        return;
    }
    // A list of the article's own, such as results or figures, stands right behind it and has no furniture around it.
    if drops == 0 && tail.iter().any(|l| l.text.starts_with(['-', '–', '•', '*'])) {
        return;
    }
    let mut teasers = 0;
    let mut below_title = false;
    for line in tail.iter_mut().filter(|l| !l.is_blank()) {
        let is_link = short(line);
        // Nothing of the article comes behind teasers of others.
        if line.is_kept() && (is_link || teasers >= 2 || (below_title && line.is_cut())) {
            let is_teaser = line.words() >= 5;
            teasers += usize::from(is_teaser);
            line.fate = Fate::Dropped(if is_teaser { Reason::Teaser } else { Reason::Navigation });
        }
        below_title = is_link;
    }
}

/// Two or more titles at the end, each with a text that an ellipsis cuts, are teasers without a heading.
fn drop_cut_pairs(lines: &mut [Line<'_>]) {
    let filled: Vec<usize> =
        (0..lines.len()).filter(|&i| lines[i].is_kept() && !lines[i].is_blank()).collect();
    let mut pairs = 0;
    let mut end = filled.len();
    while end >= 2 {
        let (title, text) = (&lines[filled[end - 2]], &lines[filled[end - 1]]);
        let is_pair = title.is_title_like() && text.is_cut() && text.text.len() > title.text.len();
        if !is_pair || end == 2 {
            break;
        }
        pairs += 1;
        end -= 2;
    }
    if pairs >= 2 {
        for &at in &filled[end..] {
            lines[at].fate = Fate::Dropped(Reason::Teaser);
        }
    }
}

/// Menus between paragraphs: six or more links on end.
pub(super) fn judge_runs(lines: &mut [Line<'_>]) {
    const LEAST: usize = 6;
    let mut run: Vec<usize> = Vec::new();
    for at in 0..=lines.len() {
        let goes_on = lines.get(at).is_some_and(|l| {
            l.is_blank()
                || (l.is_kept()
                    && l.is_menu_item()
                    && !l.text.contains(|c: char| c.is_ascii_digit() || c == ':'))
        });
        if goes_on {
            if !lines[at].is_blank() {
                run.push(at);
            }
            continue;
        }
        if run.len() >= LEAST {
            for &i in &run {
                lines[i].fate = Fate::Dropped(Reason::Navigation);
            }
        }
        run.clear();
    }
}
