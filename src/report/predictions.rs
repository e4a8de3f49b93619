//! What `classify` writes: one row for every article, in input order.

use std::io::{self, Write};

use serde_json::{Map, Value};

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

/// Writes predictions. The input's columns pass through (the text only on request), then come `topics`, `topic`,
/// `confidence`, `p_<topic>`, `decision`, `status`, `possible` and, on request, `why`.
pub struct PredictionWriter<W: Write> {
    out: Out<W>,
    columns: Vec<String>,
    /// The input columns that are written.
    passed: Vec<usize>,
    text_column: Option<usize>,
    labels: Vec<String>,
    why: bool,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
}

impl<W: Write> PredictionWriter<W> {
    /// Starts the output, with its header. `columns` are the input's; `text_column` says which of them holds the text,
    /// `keep_text` whether it passes through too.
    pub fn new(
        out: W,
        format: OutputFormat,
        columns: &[String],
        text_column: Option<usize>,
        keep_text: bool,
        labels: &[String],
        why: bool,
    ) -> io::Result<Self> {
        let passed: Vec<usize> =
            (0..columns.len()).filter(|&i| keep_text || Some(i) != text_column).collect();
        let out = match format {
            OutputFormat::Jsonl => Out::Jsonl(out),
            OutputFormat::Csv => {
                let mut table = csv::Writer::from_writer(out);
                let own = ["topics", "topic", "confidence"].map(str::to_owned);
                let by_label = labels.iter().map(|name| format!("p_{name}"));
                let last = ["decision", "status", "possible"].map(str::to_owned);
                let header = passed.iter().map(|&i| columns[i].clone());
                let header = header.chain(own).chain(by_label).chain(last);
                let header: Vec<String> = header.chain(why.then(|| "why".to_owned())).collect();
                table.write_record(&header).map_err(io_error)?;
                Out::Csv(Box::new(table))
            }
        };
        Ok(Self {
            out,
            columns: columns.to_vec(),
            passed,
            text_column,
            labels: labels.to_vec(),
            why,
        })
    }

    /// Writes one article's row.
    pub fn write(
        &mut self,
        article: &Article,
        classified: &Classified,
        why: &str,
    ) -> io::Result<()> {
        let prediction = classified.prediction.as_ref();
        let names: Vec<&str> = prediction
            .iter()
            .flat_map(|p| &p.labels)
            .map(|l| self.labels[l.index()].as_str())
            .collect();
        let possible = prediction.map(|p| possible_names(p, &self.labels));
        let first = names.first().copied().unwrap_or("other");
        let cell = |i: usize| -> &str {
            if Some(i) == self.text_column {
                &article.text
            } else {
                article.cells.get(i).map_or("", String::as_str)
            }
        };
        match &mut self.out {
            Out::Csv(table) => {
                for &i in &self.passed {
                    table.write_field(cell(i)).map_err(io_error)?;
                }
                table.write_field(names.join(";")).map_err(io_error)?;
                table.write_field(first).map_err(io_error)?;
                table
                    .write_field(probability(prediction.map(|p| p.confidence)))
                    .map_err(io_error)?;
                for label in 0..self.labels.len() {
                    table
                        .write_field(probability(prediction.map(|p| p.probabilities[label])))
                        .map_err(io_error)?;
                }
                table.write_field(classified.decision().name()).map_err(io_error)?;
                table.write_field(classified.status.name()).map_err(io_error)?;
                table.write_field(possible.unwrap_or_default().join(";")).map_err(io_error)?;
                if self.why {
                    table.write_field(why).map_err(io_error)?;
                }
                table.write_record(None::<&[u8]>).map_err(io_error)?;
            }
            Out::Jsonl(out) => {
                let mut object = Map::new();
                for &i in &self.passed {
                    object.insert(self.columns[i].clone(), cell(i).into());
                }
                object.insert("topics".into(), names.into());
                object.insert("topic".into(), first.into());
                object.insert("confidence".into(), rounded(prediction.map(|p| p.confidence)));
                for (label, name) in self.labels.iter().enumerate() {
                    let p = rounded(prediction.map(|p| p.probabilities[label]));
                    object.insert(format!("p_{name}"), p);
                }
                object.insert("decision".into(), classified.decision().name().into());
                object.insert("status".into(), classified.status.name().into());
                object.insert("possible".into(), possible.map_or(Value::Null, Value::from));
                if self.why {
                    object.insert("why".into(), why.into());
                }
                serde_json::to_writer(&mut *out, &object)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Hands on what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(table) => table.flush(),
            Out::Jsonl(out) => out.flush(),
        }
    }

    /// Ends the output and returns what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        match self.out {
            Out::Csv(table) => table.into_inner().map_err(|e| e.into_error()),
            Out::Jsonl(out) => Ok(out),
        }
    }
}

/// What cannot be ruled out: the topics, most probable first, and `other` where it may be none of them.
pub(super) fn possible_names<'l>(prediction: &Prediction, labels: &'l [String]) -> Vec<&'l str> {
    let possible = &prediction.possible;
    let names = possible.labels.iter().map(|l| labels[l.index()].as_str());
    names.chain(possible.none.then_some("other")).collect()
}

/// csv wraps the system's errors: a broken pipe must still be known as one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Four decimals: more would be noise, and equal results look equal.
fn probability(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:.4}"))
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
        let columns = ["id", "texte", "pays"].map(str::to_owned);
        let labels = ["diplomatie", "terrorisme"].map(str::to_owned);
        let mut writer =
            PredictionWriter::new(Vec::new(), format, &columns, Some(1), keep_text, &labels, false)
                .unwrap();
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
        for format in [OutputFormat::Csv, OutputFormat::Jsonl] {
            let mut writer =
                PredictionWriter::new(Closed, format, &[], None, false, &[], true).unwrap();
            let classified = Classified { status: Status::Ok, prediction: None };
            let why = "x".repeat(20_000);
            let error = writer.write(&Article::default(), &classified, &why).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
        }
    }
}
