//! Articles from JSON lines.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::article::Article;
use super::encoding::decode_noting;
use super::reader::{ArticleBytes, Parts, ReadOptions};
use crate::error::{Error, Place, Result};

/// Reads one stream of JSON objects, one a line. Its columns are the keys of the first lines.
pub(super) struct JsonlArticles {
    stream: BufReader<Box<dyn Read + Send>>,
    path: PathBuf,
    columns: Vec<String>,
    parts: Parts,
    most: ArticleBytes,
    line: u64,
    count: u64,
}

impl JsonlArticles {
    pub(super) fn open(
        mut stream: BufReader<Box<dyn Read + Send>>,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Self> {
        let start = stream.fill_buf().map_err(|e| Error::io(path, e))?;
        let mut columns: Vec<String> = Vec::new();
        let mut objects = 0;
        let complete = start.iter().rposition(|&b| b == b'\n').map_or(start.len(), |end| end + 1);
        for line in start[..complete].split(|&b| b == b'\n').take(1000) {
            let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) else { continue };
            objects += 1;
            for key in object.keys() {
                if !columns.contains(key) {
                    columns.push(key.clone());
                }
            }
        }
        if objects == 0 {
            // The first object may be longer than the buffer: its usual names are all that is known then.
            let what =
                if start.is_empty() { "the file is empty" } else { "no line is a JSON object" };
            if start.is_empty() || complete < start.len() || start.ends_with(b"\n") {
                return Err(Error::input(
                    Place::file(path),
                    what,
                    "one {\"id\": …, \"title\": …, \"text\": …} a line, or --format csv",
                ));
            }
            columns = ["id", "title", "text", "labels"].map(str::to_owned).into();
        }
        let most = options.max_article_bytes;
        let parts = Parts::find(&columns, options, &Place::file(path))?;
        Ok(Self { stream, path: path.to_owned(), columns, parts, most, line: 0, count: 0 })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }
}

impl Iterator for JsonlArticles {
    type Item = Result<Article>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            // A byte for the line's end.
            let mut line = self.stream.by_ref().take(self.most.get() as u64 + 1);
            match line.read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => self.line += 1,
                Err(error) => return Some(Err(Error::io(&self.path, error))),
            }
            if !bytes.trim_ascii().is_empty() {
                break;
            }
        }
        self.count += 1;
        let place = Place::record(&self.path, self.count, Some(self.line));
        if bytes.len() > self.most.get() && !bytes.ends_with(b"\n") {
            if let Err(error) = self.stream.skip_until(b'\n') {
                return Some(Err(Error::io(&self.path, error)));
            }
            let cells = vec![String::new(); self.columns.len()];
            let problem = Some(self.most.exceeded());
            return Some(Ok(Article { problem, ..self.parts.article(cells, place) }));
        }
        let mut encoding = None;
        let line = decode_noting(bytes, &mut encoding);
        let (mut object, problem) = match serde_json::from_str::<Map<String, Value>>(&line) {
            Ok(object) => (object, None),
            Err(error) => {
                let problem = format!("is no JSON object ({error})");
                (Map::new(), Some(problem))
            }
        };
        let known = self.columns.iter().filter(|key| object.contains_key(*key)).count();
        // Columns are settled before the first article is handed out.
        let mended = (known < object.len()).then(|| {
            let unknown = object.keys().find(|key| !self.columns.contains(key));
            format!(
                "has a key that the first lines have not, which is left out: {}",
                unknown.map_or("", String::as_str)
            )
        });
        let cells = self
            .columns
            .iter()
            .map(|key| object.remove(key).map_or_else(String::new, cell))
            .collect();
        Some(Ok(Article { problem, mended, encoding, ..self.parts.article(cells, place) }))
    }
}

/// A JSON value as a cell: strings as they are, lists of strings joined by `;`, the rest as JSON.
fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn open(lines: &str) -> Result<JsonlArticles> {
        let stream: Box<dyn Read + Send> = Box::new(Cursor::new(lines.to_owned().into_bytes()));
        JsonlArticles::open(BufReader::new(stream), Path::new("a.jsonl"), &ReadOptions::default())
    }

    #[test]
    fn keys_of_several_lines_are_columns_and_values_are_cells() {
        let lines = "{\"id\": 7, \"text\": \"a\"}\n\n{\"labels\": [\"x\", \"y\"], \"text\": null, \"n\": {\"k\": true}}\n";
        let articles = open(lines).unwrap();
        assert_eq!(articles.columns(), ["id", "text", "labels", "n"]);
        let articles: Vec<Article> = articles.map(Result::unwrap).collect();
        assert_eq!(articles[0].id, "7");
        assert_eq!(articles[0].text, "a");
        assert_eq!(articles[1].id, "2", "the record's number where there is no id");
        assert_eq!(articles[1].text, "");
        assert_eq!(articles[1].labels, Some(super::super::LabelSet::new(["x", "y"])));
        assert_eq!(articles[1].cells[3], "{\"k\":true}");
        assert_eq!(articles[1].place.line, Some(3));
    }

    #[test]
    fn a_line_that_is_no_object_is_an_article_with_a_problem() {
        let articles: Vec<Article> = open("{\"text\": \"a\"}\n[1, 2]\n{\"text\": \"b\"")
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(articles.len(), 3);
        assert!(articles[0].problem.is_none());
        assert!(articles[1].problem.as_ref().is_some_and(|p| p.contains("no JSON object")));
        assert!(articles[2].problem.is_some(), "cut in the middle");
        assert!(open("1\n2\n").is_err());
    }
}
