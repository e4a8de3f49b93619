//! The settings of `classify` that decide what its rows are.

use anyhow::{Context, Result};
use clap::ValueEnum;
use rubrique::corpus::InputDigest;
use serde_json::{Map, Value, json};

use super::args::Classify;

/// Settings by name.
pub(crate) type Settings = Map<String, Value>;

/// What was asked for, where it decides on the rows; `columns` are those of the inputs together, `repetition` is what was read to find
/// repeated lines.
pub(super) fn of_classify(
    args: &Classify,
    columns: &[String],
    repetition: &[InputDigest],
) -> Result<Settings> {
    let reading = &args.inputs.reading;
    let inputs: Vec<String> =
        args.inputs.inputs.iter().map(|path| path.display().to_string()).collect();
    let delimiter = |byte: Option<u8>| byte.map(|byte| char::from(byte).to_string());
    let mapping = match &args.mapping {
        Some(path) if path.as_os_str() != "default" => {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            Some(format!("blake3:{}", blake3::hash(&bytes).to_hex()))
        }
        given => given.as_ref().map(|_| "default".to_owned()),
    };
    let settings = json!({
        "inputs": inputs,
        "format": reading.format.map(name),
        "delimiter": delimiter(reading.delimiter),
        "id_column": reading.id_column,
        "title_column": reading.title_column,
        "text_column": reading.text_column,
        "label_column": reading.label_column,
        "date_column": reading.date_column,
        "source_column": reading.source_column,
        "html_column": reading.html_column,
        "columns": columns,
        "find_repeated": args.repetition.find_repeated,
        "repeated_in": repetition,
        "output_format": name(args.output_format()),
        "excel": args.tables.excel,
        "output_delimiter": delimiter(args.tables.output_delimiter),
        "keep_text": args.keep_text,
        "mapping": mapping,
        "explain": args.explain,
    });
    let Value::Object(mut settings) = settings else { return Ok(Settings::new()) };
    // What was not asked for says nothing.
    settings.retain(|_, value| !value.is_null() && *value != json!([]));
    Ok(settings)
}

/// What an option's value is called on the command line.
fn name(value: impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// What is not as it was, in words.
pub(super) fn changes(before: &Settings, now: &Settings) -> Vec<String> {
    let names = before.keys().chain(now.keys().filter(|name| !before.contains_key(*name)));
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "not given".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    names
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| match name.as_str() {
            "repeated_in" => "the inputs in which repeated lines are found have changed".to_owned(),
            _ => {
                let (before, now) = (shown(before.get(name)), shown(now.get(name)));
                format!("{} was {before} and is {now}", name.replace('_', " "))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_by_name() {
        let settings = |value: Value| value.as_object().cloned().unwrap();
        let before = settings(json!({ "keep_text": false, "explain": 3, "format": "csv" }));
        let now = settings(json!({ "keep_text": true, "format": "csv", "mapping": "default" }));
        assert_eq!(
            changes(&before, &now),
            [
                "keep text was false and is true",
                "explain was 3 and is not given",
                "mapping was not given and is default"
            ]
        );
        assert_eq!(changes(&now, &now), [""; 0]);
    }
}
