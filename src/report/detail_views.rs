//! Slices, the other model, telling terms, what was cleaned away, and the cards.

use std::collections::BTreeMap;

use super::matrix_view::{CaseList, case_list};
use super::pen::{Pen, cut};
use super::report::Report;
use super::score_summary::ScoreSummary;
use super::slices::Slice;
use super::summary_view::{name, shown_labels, small};
use crate::corpus::Reason;
use crate::metrics::Difference;
use crate::model::Task;

/// Articles listed on which only one of two models is right.
const MOST_DIFFERENT: usize = 30;
const LINE: usize = 160;
/// More of a command than this is cut: a shell takes hardly more.
const COMMAND: usize = 20_000;

/// Scores of some articles as a row; numbers are HTML.
pub(super) struct ScoreRow {
    pub name: String,
    pub small: String,
    pub articles: String,
    pub exact: String,
    pub exact_range: String,
    pub micro: String,
    pub micro_range: String,
    pub macro_f1: String,
    pub macro_range: String,
    pub bar: String,
}

impl ScoreRow {
    fn new(name: String, summary: &ScoreSummary, pen: Pen) -> Self {
        let ScoreSummary { articles, scores, low, high } = summary;
        let why = pen.words.undefined_all;
        Self {
            name,
            small: small(*articles, pen),
            articles: pen.count(*articles),
            exact: pen.share(scores.accuracy, why),
            exact_range: pen.share_range(low.accuracy, high.accuracy),
            micro: pen.score(scores.micro_f1, pen.words.undefined_f1),
            micro_range: pen.range(low.micro_f1, high.micro_f1),
            macro_f1: pen.score(scores.macro_f1, pen.words.undefined_f1),
            macro_range: pen.range(low.macro_f1, high.macro_f1),
            bar: pen.bar(scores.micro_f1, low.micro_f1, high.micro_f1),
        }
    }
}

/// Slices of one kind.
pub(super) struct SliceTable {
    pub name: &'static str,
    pub rows: Vec<ScoreRow>,
}

pub(super) fn slice_tables(report: &Report, pen: Pen) -> Vec<SliceTable> {
    let w = pen.words;
    let slices = &report.slices;
    let row = |slice: &Slice| {
        let named = match &slice.name {
            Some(known) => cut(known, 60),
            None if slice.put_together > 0 => {
                pen.say(w.other_sources, &[&pen.count(slice.put_together)])
            }
            None => w.unknown.to_owned(),
        };
        ScoreRow::new(named, &slice.summary, pen)
    };
    [(w.by_year, &slices.year), (w.by_source, &slices.source), (w.by_length, &slices.length)]
        .into_iter()
        .filter(|(_, slices)| !slices.is_empty())
        .map(|(name, slices)| SliceTable { name, rows: slices.iter().map(row).collect() })
        .collect()
}

/// Two models on the same articles.
pub(super) struct ComparisonView {
    pub verdict: String,
    pub rows: Vec<DifferenceRow>,
    pub total: String,
    pub counts: Vec<(&'static str, String)>,
    pub lists: Vec<CaseList>,
}

/// Numbers are HTML.
pub(super) struct DifferenceRow {
    pub name: String,
    pub first: String,
    pub second: String,
    pub difference: String,
    pub range: String,
}

impl ComparisonView {
    pub(super) fn new(report: &Report, pen: Pen, has_row: &dyn Fn(usize) -> bool) -> Option<Self> {
        let comparison = report.comparison.as_ref()?;
        let w = pen.words;
        let why = w.undefined_all;
        let row = |name: String, d: &Difference| DifferenceRow {
            name,
            first: pen.score(d.first, why),
            second: pen.score(d.second, why),
            difference: match d.difference {
                Some(difference) => pen.language.signed(difference, 3),
                None => pen.score(None, why),
            },
            range: match (d.low, d.high) {
                (Some(low), Some(high)) => {
                    let signed = |v| pen.language.signed(v, 3);
                    format!("[{} – {}]", signed(low), signed(high))
                }
                _ => String::new(),
            },
        };
        let mut rows = vec![
            row(w.exact.to_owned(), &comparison.accuracy),
            row(w.micro_f1.to_owned(), &comparison.micro_f1),
            row(w.macro_f1.to_owned(), &comparison.macro_f1),
        ];
        let topics = comparison.topics.iter().take(super::summary_view::MOST_LABELS);
        rows.extend(topics.map(|(topic, d)| row(format!("F1, {}", name(topic)), d)));
        let counts = &comparison.mcnemar;
        let only = |first: bool| -> Vec<usize> {
            let differs = |i: &usize| {
                let (ours, theirs) = (report.cases[*i].exact, comparison.exact[*i]);
                ours != theirs && ours == first
            };
            (0..report.cases.len()).filter(differs).collect()
        };
        let list = |title: &'static str, first: bool| {
            case_list(report, pen, title.to_owned(), &only(first), MOST_DIFFERENT, has_row)
        };
        let lists = [list(w.only_second, false), list(w.only_first, true)];
        Some(Self {
            verdict: verdict(report, pen),
            rows,
            total: pen.count(report.articles),
            counts: vec![
                (w.both_right, pen.language.count(counts.both_right)),
                (w.only_first, pen.language.count(counts.only_first_right)),
                (w.only_second, pen.language.count(counts.only_second_right)),
                (w.both_wrong, pen.language.count(counts.both_wrong)),
            ],
            lists: lists.into_iter().filter(|list| !list.items.is_empty()).collect(),
        })
    }
}

fn verdict(report: &Report, pen: Pen) -> String {
    let w = pen.words;
    let Some(comparison) = &report.comparison else { return String::new() };
    let counts = &comparison.mcnemar;
    let Some(p) = counts.p_value else {
        return pen.say(w.comparison_never, &[&comparison.model]);
    };
    let sentence = match counts.only_second_right.cmp(&counts.only_first_right) {
        std::cmp::Ordering::Greater => w.comparison_better,
        std::cmp::Ordering::Less => w.comparison_worse,
        std::cmp::Ordering::Equal => w.comparison_same,
    };
    let p_value = if p < 0.0001 {
        format!("< {}", pen.language.number(0.0001, 4))
    } else {
        pen.language.number(p, 4)
    };
    let said = pen.say(sentence, &[&comparison.model, &p_value]).replace("= <", "<");
    format!("{said} {}", if p < 0.05 { w.comparison_real } else { w.comparison_chance })
}

/// One label's telling terms.
pub(super) struct TermsRow {
    pub label: String,
    pub terms: Vec<(String, String)>,
}

pub(super) fn terms_rows(report: &Report, pen: Pen) -> Vec<TermsRow> {
    let models = report.models.len();
    let forms = forms(report);
    let row = |label: usize| {
        let label = &report.labels[label];
        let terms = report.telling_terms.get(label).map_or(&[][..], |terms| terms);
        let term = |t: &crate::pipeline::TellingTerm| {
            let form = forms.get(t.term.as_str()).copied().unwrap_or(&t.term);
            let term = cut(form, 40);
            let everywhere = t.models == models;
            let term = if everywhere { term } else { format!("({term})") };
            (term, pen.language.signed(t.value, 2))
        };
        TermsRow { label: name(label), terms: terms.iter().map(term).collect() }
    };
    shown_labels(report).into_iter().map(row).collect()
}

/// By term: the form in which it stands most often in the articles that were explained, the first among equals.
fn forms(report: &Report) -> BTreeMap<&str, &str> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let reasons = report.cases.iter().flat_map(|case| &case.reasons);
    for term in reasons.flat_map(|reason| &reason.terms) {
        if let Some(form) = term.forms.first() {
            *counts.entry(&term.term).or_default().entry(form).or_default() += 1;
        }
    }
    let best = |(term, forms): (_, BTreeMap<_, usize>)| {
        let best = forms.into_iter().max_by_key(|&(form, n)| (n, std::cmp::Reverse(form)));
        best.map(|(form, _)| (term, form))
    };
    counts.into_iter().filter_map(best).collect()
}

/// What was cleaned away.
pub(super) struct CleaningView {
    pub sentence: String,
    pub scores_sentence: String,
    pub scores: Vec<ScoreRow>,
    pub kinds: Vec<KindRow>,
}

pub(super) struct KindRow {
    pub name: &'static str,
    pub lines: String,
    pub articles: String,
    pub examples: Vec<(String, String)>,
}

impl CleaningView {
    pub(super) fn new(report: &Report, pen: Pen) -> Self {
        let w = pen.words;
        let cleaning = &report.cleaning;
        let kind = |kind: &super::cleaning::CleanedKind| KindRow {
            name: match kind.reason {
                Reason::Teaser => w.reason_teaser,
                Reason::Share => w.reason_share,
                Reason::Tags => w.reason_tags,
                Reason::Notice => w.reason_notice,
                Reason::Credit => w.reason_credit,
                Reason::Dateline => w.reason_dateline,
                Reason::Comments => w.reason_comments,
                Reason::Navigation => w.reason_navigation,
                Reason::Caption => w.reason_caption,
                Reason::Title => w.reason_title,
                Reason::Repeated => w.reason_repeated,
            },
            lines: pen.count(kind.lines),
            articles: pen.count(kind.articles),
            examples: kind
                .examples
                .iter()
                .map(|(line, times)| {
                    let times = if *times > 1 {
                        pen.say(w.times, &[&pen.count(*times)])
                    } else {
                        String::new()
                    };
                    (cut(line, LINE), times)
                })
                .collect(),
        };
        Self {
            sentence: pen
                .say(w.cleaning_note, &[&pen.count(cleaning.lines), &pen.count(cleaning.articles)]),
            scores_sentence: pen.say(w.cleaning_scores, &[&pen.count(cleaning.changed)]),
            scores: vec![
                ScoreRow::new(w.cleaned.to_owned(), &cleaning.with, pen),
                ScoreRow::new(w.uncleaned.to_owned(), &cleaning.without, pen),
            ],
            kinds: cleaning.kinds.iter().map(kind).collect(),
        }
    }
}

/// Data and model card, and how the report was made.
pub(super) struct Cards {
    pub data: Vec<(&'static str, String)>,
    pub model: Vec<(&'static str, String)>,
    pub folds: Vec<FoldRow>,
    pub made_by: String,
    pub command: String,
}

pub(super) struct FoldRow {
    pub name: String,
    pub articles: String,
    pub terms: String,
    pub accept: String,
    pub chosen: String,
}

impl Cards {
    pub(super) fn new(report: &Report, pen: Pen) -> Self {
        let w = pen.words;
        let setup = &report.setup;
        let folds = report.models.iter().enumerate().map(|(i, model)| FoldRow {
            name: pen.say(w.fold, &[&pen.count(i + 1)]),
            articles: pen.language.count(model.articles),
            terms: pen.count(model.terms),
            accept: pen.language.number(model.accept_from, 3),
            chosen: model.chosen.clone(),
        });
        let seed = setup.seed.to_string();
        Self {
            data: data_card(report, pen),
            model: model_card(report, pen),
            folds: folds.collect(),
            made_by: pen.say(w.made_by, &[&setup.version, &seed]),
            command: cut(&setup.command, COMMAND),
        }
    }
}

fn data_card(report: &Report, pen: Pen) -> Vec<(&'static str, String)> {
    let w = pen.words;
    let data = &report.data;
    let mut rows = vec![
        (w.data_inputs, cut(&report.setup.inputs.join(", "), 2000)),
        (w.data_articles, pen.count(report.articles)),
    ];
    let label = |label: usize| {
        let support = report.topics[&report.labels[label]].support as usize;
        format!("{} {}", name(&report.labels[label]), pen.count(support))
    };
    let labels: Vec<String> = shown_labels(report).into_iter().map(label).collect();
    rows.push((w.data_labels, labels.join(", ")));
    if report.task == Task::AnyLabels {
        rows.push((w.data_without, pen.count(data.without_topic)));
        rows.push((w.data_several, pen.count(data.with_several)));
    }
    if let Some((first, last)) = data.years {
        let parts = [first.to_string(), last.to_string(), pen.count(data.undated)];
        let [first, last, undated] = &parts;
        rows.push((w.data_years, pen.say(w.data_years_range, &[first, last, undated])));
    }
    if data.sources > 0 {
        rows.push((w.data_sources, pen.count(data.sources)));
    }
    if let Some(words) = data.median_words {
        rows.push((w.data_words, pen.count(words)));
    }
    if let Some(near) = data.near_duplicates {
        let parts = [pen.count(near.articles), pen.count(near.clusters)];
        let said = pen.say(w.data_duplicates_count, &[&parts[0], &parts[1]]);
        rows.push((w.data_duplicates, said));
    }
    let status = |(name, count): (&&str, &usize)| format!("{name} {}", pen.count(*count));
    let statuses: Vec<String> = report.statuses.iter().map(status).collect();
    rows.push((w.data_status, statuses.join(", ")));
    rows
}

fn model_card(report: &Report, pen: Pen) -> Vec<(&'static str, String)> {
    let w = pen.words;
    let task = match report.task {
        Task::OneLabel => w.task_one,
        Task::AnyLabels => w.task_any,
    };
    let model = match (report.setup.folds, report.setup.split) {
        (Some(_), None) => w.model_each_fold.to_owned(),
        _ => report.setup.model.clone(),
    };
    let mut rows = vec![(w.model_name, model), (w.task, task.to_owned())];
    if let [model] = &report.models[..] {
        rows.push((w.model_articles, pen.language.count(model.articles)));
        rows.push((w.model_terms, pen.count(model.terms)));
        rows.push((w.model_kind, model.chosen.clone()));
        rows.push((w.model_accept, pen.language.number(model.accept_from, 3)));
    }
    if let (Some(covered), Some(size)) = (report.sets.covered, report.sets.size) {
        let parts = [pen.percent(covered), pen.language.number(size, 2)];
        rows.push((w.possible, pen.say(w.possible_note, &[&parts[0], &parts[1]])));
    }
    rows
}
