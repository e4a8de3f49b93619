//! What `classify` writes: one row for every article, in input order.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::table::{Table, TableProfile};
use super::topic_mapping::TopicMapping;
use crate::corpus::Article;
use crate::model::Prediction;
use crate::pipeline::Classified;

/// How predictions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// Comma-separated values, RFC 4180.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// What predictions are written like, and with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PredictionOptions {
    /// CSV or JSON lines.
    pub format: OutputFormat,
    /// How CSV is written.
    pub profile: TableProfile,
    /// Whether the text passes through too; a text that was an HTML page comes out as what was read from it.
    pub keep_text: bool,
    /// Whether there is a column `why`.
    pub why: bool,
    /// What the topics are called elsewhere: a column for each scheme.
    pub mapping: Option<TopicMapping>,
}

/// What predictions are written as. The input's columns pass through (the text only on request), then come `topics`, `topic`,
/// `confidence`, `p_<topic>`, `decision`, `status`, `possible` and, on request, `why` and the schemes of a mapping.
///
/// In JSON lines, where a name can stand only once, an input column that is called like one of these becomes `input_…`.
pub struct PredictionFormat {
    columns: Vec<String>,
    /// The input columns that are written.
    passed: Vec<usize>,
    text_column: Option<usize>,
    labels: Vec<String>,
    options: PredictionOptions,
}

impl PredictionFormat {
    /// The format of articles with these columns; `text_column` says which of them holds the text. `labels` are the model's.
    pub fn new(
        columns: &[String],
        text_column: Option<usize>,
        labels: &[String],
        options: PredictionOptions,
    ) -> Self {
        let passed: Vec<usize> =
            (0..columns.len()).filter(|&i| options.keep_text || Some(i) != text_column).collect();
        let mut columns = columns.to_vec();
        if options.format == OutputFormat::Jsonl {
            make_unique(&mut columns, &own_columns(labels, &options));
        }
        Self { columns, passed, text_column, labels: labels.to_vec(), options }
    }

    /// The columns that are written: those of the input that pass through, then ours.
    pub fn columns(&self) -> Vec<String> {
        let passed = self.passed.iter().map(|&i| self.columns[i].clone());
        passed.chain(own_columns(&self.labels, &self.options)).collect()
    }

    /// Writes what stands before the rows: the header of CSV, nothing in JSON lines.
    pub fn write_header(&self, mut out: impl Write) -> io::Result<()> {
        if self.options.format == OutputFormat::Jsonl {
            return Ok(());
        }
        let mut table = Table::new(&mut out, self.options.profile)?;
        table.row(self.columns())?;
        table.flush()
    }

    /// Writes rows, without a header: what many threads wrote can be put together.
    pub fn writer<W: Write>(&self, out: W) -> PredictionWriter<'_, W> {
        let out = match self.options.format {
            OutputFormat::Jsonl => Out::Jsonl(out),
            OutputFormat::Csv => Out::Csv(Box::new(Table::without_mark(out, self.options.profile))),
        };
        PredictionWriter { format: self, out }
    }
}

/// Writes predictions, one row for every article, in a [`PredictionFormat`].
///
/// ```
/// use rubrique::{Article, Classifier};
/// use rubrique::report::{PredictionFormat, PredictionOptions};
/// let classifier = Classifier::press()?;
/// let format = PredictionFormat::new(&[], None, classifier.labels(), PredictionOptions::default());
/// let mut csv = Vec::new();
/// format.write_header(&mut csv).expect("memory");
/// let mut writer = format.writer(&mut csv);
/// let article = Article::new("Oui", "");
/// writer.write(&article, &classifier.classify(&article), "").expect("memory");
/// writer.finish().expect("memory");
/// assert!(csv.starts_with(b"topics,topic,confidence,") && csv.ends_with(b"review,too_short,\n"));
/// # Ok::<(), rubrique::Error>(())
/// ```
pub struct PredictionWriter<'f, W: Write> {
    format: &'f PredictionFormat,
    out: Out<W>,
}

enum Out<W: Write> {
    Csv(Box<Table<W>>),
    Jsonl(W),
}

impl<W: Write> PredictionWriter<'_, W> {
    /// Writes one article's row.
    pub fn write(
        &mut self,
        article: &Article,
        classified: &Classified,
        why: &str,
    ) -> io::Result<()> {
        let format = self.format;
        let prediction = classified.prediction.as_ref();
        let names = given_names(prediction, &format.labels);
        let possible = prediction.map(|p| possible_names(p, &format.labels));
        let first = names.first().copied().unwrap_or("other");
        let cell = |i: usize| -> &str {
            if Some(i) == format.text_column {
                &article.text
            } else {
                article.cells.get(i).map_or("", String::as_str)
            }
        };
        let mapping = format.options.mapping.as_ref();
        match &mut self.out {
            Out::Csv(table) => {
                for &i in &format.passed {
                    table.text(cell(i))?;
                }
                table.text(&names.join(";"))?;
                table.text(first)?;
                table.number(prediction.map(|p| p.confidence))?;
                for label in 0..format.labels.len() {
                    table.number(prediction.map(|p| p.probabilities[label]))?;
                }
                table.text(classified.decision().name())?;
                table.text(classified.status.name())?;
                table.text(&possible.unwrap_or_default().join(";"))?;
                if format.options.why {
                    table.text(why)?;
                }
                for scheme in mapping.iter().flat_map(|m| m.schemes()) {
                    table.text(
                        &mapping.map_or_else(String::new, |m| m.codes(scheme, &names).join(";")),
                    )?;
                }
                table.end_row()?;
            }
            Out::Jsonl(out) => {
                let mut object = Map::new();
                for &i in &format.passed {
                    object.insert(format.columns[i].clone(), cell(i).into());
                }
                for scheme in mapping.iter().flat_map(|m| m.schemes()) {
                    let codes = mapping.map_or_else(Vec::new, |m| m.codes(scheme, &names));
                    object.insert(scheme.to_owned(), codes.into());
                }
                object.insert("topics".into(), names.into());
                object.insert("topic".into(), first.into());
                object.insert("confidence".into(), rounded(prediction.map(|p| p.confidence)));
                for (label, name) in format.labels.iter().enumerate() {
                    let p = rounded(prediction.map(|p| p.probabilities[label]));
                    object.insert(format!("p_{name}"), p);
                }
                object.insert("decision".into(), classified.decision().name().into());
                object.insert("status".into(), classified.status.name().into());
                object.insert("possible".into(), possible.map_or(Value::Null, Value::from));
                if format.options.why {
                    object.insert("why".into(), why.into());
                }
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Ends the output and returns what it was written to.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Out::Csv(table) => table.finish(),
            Out::Jsonl(out) => Ok(out),
        }
    }
}

/// The columns behind the input's.
pub(super) fn own_columns(labels: &[String], options: &PredictionOptions) -> Vec<String> {
    let own = ["topics", "topic", "confidence"].map(str::to_owned).into_iter();
    let by_label = labels.iter().map(|name| format!("p_{name}"));
    let last = ["decision", "status", "possible"].map(str::to_owned);
    let schemes = options.mapping.iter().flat_map(TopicMapping::schemes).map(str::to_owned);
    let why = options.why.then(|| "why".to_owned());
    own.chain(by_label).chain(last).chain(why).chain(schemes).collect()
}

/// Gives each input column a name that no other has.
pub(super) fn make_unique(columns: &mut [String], own: &[String]) {
    for at in 0..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        let name = &mut rest[0];
        if own.contains(name) {
            *name = format!("input_{name}");
        }
        let plain = name.clone();
        let mut number = 2;
        while before.contains(name) {
            *name = format!("{plain}_{number}");
            number += 1;
        }
    }
}

/// The topics that are given, most probable first; none where nothing was predicted.
pub(super) fn given_names<'l>(
    prediction: Option<&Prediction>,
    labels: &'l [String],
) -> Vec<&'l str> {
    let given = prediction.into_iter().flat_map(|p| &p.labels);
    given.map(|l| labels[l.index()].as_str()).collect()
}

/// What cannot be ruled out: the topics, most probable first, and `other` where it may be none of them.
pub(super) fn possible_names<'l>(prediction: &Prediction, labels: &'l [String]) -> Vec<&'l str> {
    let possible = &prediction.possible;
    let names = possible.labels.iter().map(|l| labels[l.index()].as_str());
    names.chain(possible.none.then_some("other")).collect()
}

fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |v| ((v * 1e4).round() / 1e4).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Status;
    use crate::ids::LabelId;
    use crate::model::{Decision, PossibleLabels};

    fn written(format: OutputFormat, keep_text: bool) -> String {
        written_with(PredictionOptions { format, keep_text, ..PredictionOptions::default() })
    }

    fn written_with(options: PredictionOptions) -> String {
        let columns = ["id", "texte", "pays"].map(str::to_owned);
        let labels = ["diplomatie", "terrorisme"].map(str::to_owned);
        let format = PredictionFormat::new(&columns, Some(1), &labels, options);
        let mut out = Vec::new();
        format.write_header(&mut out).unwrap();
        let mut writer = format.writer(out);
        let mut article = Article::new("", "Le texte; cité");
        article.cells = ["7", "", "Tchad, Mali"].map(str::to_owned).into();
        let prediction = Prediction {
            probabilities: vec![0.6, 0.912_345],
            labels: vec![LabelId(1), LabelId(0)],
            confidence: 0.54,
            possible: PossibleLabels {
                labels: vec![LabelId(1), LabelId(0)],
                ..PossibleLabels::default()
            },
            decision: Decision::Accept,
        };
        let classified = Classified { status: Status::Ok, prediction: Some(prediction) };
        writer.write(&article, &classified, "").unwrap();
        let nothing = Classified { status: Status::Unreadable, prediction: None };
        // A ragged row may have fewer cells than the header.
        writer.write(&Article::default(), &nothing, "").unwrap();
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn csv_has_the_columns_of_the_contract() {
        assert_eq!(
            written(OutputFormat::Csv, true),
            "id,texte,pays,topics,topic,confidence,p_diplomatie,p_terrorisme,decision,status,possible\n\
             7,Le texte; cité,\"Tchad, Mali\",terrorisme;diplomatie,terrorisme,0.5400,0.6000,0.9123,accept,ok,terrorisme;diplomatie\n\
             ,,,,other,,,,review,unreadable,\n"
        );
        assert!(written(OutputFormat::Csv, false).starts_with("id,pays,topics,"));
    }

    #[test]
    fn jsonl_has_the_same_with_types() {
        let out = written(OutputFormat::Jsonl, false);
        assert_eq!(
            out.lines().next().unwrap(),
            r#"{"id":"7","pays":"Tchad, Mali","topics":["terrorisme","diplomatie"],"topic":"terrorisme","confidence":0.54,"p_diplomatie":0.6,"p_terrorisme":0.9123,"decision":"accept","status":"ok","possible":["terrorisme","diplomatie"]}"#
        );
        assert!(
            out.lines()
                .nth(1)
                .unwrap()
                .contains(r#""topics":[],"topic":"other","confidence":null"#)
        );
    }

    #[test]
    fn excel_and_a_mapping_add_what_they_add() {
        let mapping = TopicMapping::press();
        let options = PredictionOptions {
            profile: TableProfile::excel(),
            mapping: Some(mapping),
            ..PredictionOptions::default()
        };
        let text = written_with(options);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with('\u{FEFF}') && lines[0].ends_with("possible;iptc;gdelt;fatf"));
        assert!(lines[1].contains(";0,5400;0,6000;0,9123;accept;ok;"), "{}", lines[1]);
    }

    #[test]
    fn json_keys_are_unique() {
        let mut columns = ["topic", "id", "id", "input_topic"].map(str::to_owned);
        make_unique(&mut columns, &["topic".to_owned()]);
        assert_eq!(columns, ["input_topic", "id", "id_2", "input_topic_2"]);
    }

    #[test]
    fn a_broken_pipe_keeps_its_kind() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for output in [OutputFormat::Csv, OutputFormat::Jsonl] {
            let options =
                PredictionOptions { format: output, why: true, ..PredictionOptions::default() };
            let format = PredictionFormat::new(&[], None, &[], options);
            let mut writer = format.writer(Closed);
            let classified = Classified { status: Status::Ok, prediction: None };
            let why = "x".repeat(20_000);
            let error = writer.write(&Article::default(), &classified, &why).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{output:?}");
        }
    }
}
