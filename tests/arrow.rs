//! Parquet and Arrow IPC, in and out.
#![cfg(feature = "arrow")]

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_cast::cast;
use arrow_cast::display::array_value_to_string;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use assert_cmd::Command;
use common::Row;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use predicates::prelude::*;
use rubrique::corpus::{Article, ReadOptions, Reader};
use tempfile::TempDir;

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

/// Articles as columns, their strings of one type, beside columns that are none of ours.
fn batch(rows: &[Row], strings: &DataType) -> RecordBatch {
    let text = |part: fn(&Row) -> &str| -> ArrayRef {
        let plain: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(part)));
        cast(&plain, strings).unwrap()
    };
    let mut labels = ListBuilder::new(StringBuilder::new());
    for row in rows {
        labels.append_value(row.labels.split(';').filter(|l| !l.is_empty()).map(Some));
    }
    let days = (0..rows.len() as i32).map(|day| 19_000 + day);
    let instants = (0..rows.len() as i64).map(|hour| 1_700_000_000_000 + hour * 3_600_000);
    let instants = TimestampMillisecondArray::from_iter_values(instants).with_timezone("UTC");
    RecordBatch::try_from_iter([
        ("id", text(|row| &row.id)),
        ("title", text(|row| &row.title)),
        ("text", text(|row| &row.text)),
        ("labels", Arc::new(labels.finish()) as ArrayRef),
        ("date", Arc::new(Date32Array::from_iter_values(days)) as ArrayRef),
        ("seen", Arc::new(instants) as ArrayRef),
        ("views", Arc::new(Int64Array::from_iter_values(0..rows.len() as i64)) as ArrayRef),
    ])
    .unwrap()
}

/// Writes a table as what the file's name says, in groups of so many rows.
fn write(path: &Path, table: &RecordBatch, group: usize) {
    write_compressed(path, table, group, Compression::SNAPPY);
}

fn write_compressed(path: &Path, table: &RecordBatch, group: usize, compression: Compression) {
    let file = File::create(path).unwrap();
    let parts = (0..table.num_rows())
        .step_by(group)
        .map(|at| table.slice(at, group.min(table.num_rows() - at)));
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_max_row_group_row_count(Some(group))
                .build();
            let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties)).unwrap();
            parts.for_each(|part| writer.write(&part).unwrap());
            writer.close().unwrap();
        }
        "arrow" => {
            let mut writer = FileWriter::try_new(file, &table.schema()).unwrap();
            parts.for_each(|part| writer.write(&part).unwrap());
            writer.finish().unwrap();
        }
        _ => {
            let mut writer = StreamWriter::try_new(file, &table.schema()).unwrap();
            parts.for_each(|part| writer.write(&part).unwrap());
            writer.finish().unwrap();
        }
    }
}

/// A table as it was written, batch by batch.
struct Written(SchemaRef, Vec<RecordBatch>);

impl Written {
    fn open(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        match path.extension().unwrap().to_str().unwrap() {
            "parquet" => {
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
                let schema = reader.schema().clone();
                Self(schema, reader.build().unwrap().map(Result::unwrap).collect())
            }
            "arrow" => {
                let reader = FileReader::try_new(file, None).unwrap();
                Self(reader.schema(), reader.map(Result::unwrap).collect())
            }
            _ => {
                let reader = StreamReader::try_new(file, None).unwrap();
                Self(reader.schema(), reader.map(Result::unwrap).collect())
            }
        }
    }

    fn kind(&self, name: &str) -> &DataType {
        self.0.field_with_name(name).unwrap().data_type()
    }

    fn arrays(&self, name: &str) -> impl Iterator<Item = &ArrayRef> {
        self.1.iter().map(move |batch| batch.column_by_name(name).unwrap())
    }

    fn column(&self, name: &str) -> Vec<String> {
        self.arrays(name).flat_map(values).collect()
    }

    /// The numbers of a column with four decimals, as CSV has them.
    fn numbers(&self, name: &str) -> Vec<String> {
        let numbers = self.arrays(name).flat_map(|array| array.as_primitive::<Float64Type>());
        numbers.map(|p| p.map_or(String::new(), |p| format!("{p:.4}"))).collect()
    }

    /// The lists of a column, joined as CSV has them.
    fn lists(&self, name: &str) -> Vec<String> {
        let lists = self.arrays(name).flat_map(|array| array.as_list::<i32>().iter());
        let joined = lists.map(|list| {
            let list = list.unwrap_or_else(|| Arc::new(StringArray::new_null(0)));
            list.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join(";")
        });
        joined.collect()
    }
}

fn values(array: &ArrayRef) -> Vec<String> {
    // A zone by its name cannot be shown without a table of zones.
    let array = &match array.data_type() {
        DataType::Timestamp(unit, _) => cast(array, &DataType::Timestamp(*unit, None)).unwrap(),
        _ => array.clone(),
    };
    (0..array.len()).map(|row| array_value_to_string(array, row).unwrap()).collect()
}

fn articles(path: &Path) -> Vec<Article> {
    let reader = Reader::open(&[path.to_owned()], &ReadOptions::default()).unwrap();
    reader.map(Result::unwrap).collect()
}

fn classify(input: &Path, output: &Path, options: &[&str]) {
    let mut command = rubrique();
    command.arg("classify").arg(input).arg("--output").arg(output).args(options);
    let code = command.output().unwrap().status.code();
    assert!(matches!(code, Some(0 | 1)), "{input:?}: {code:?}");
}

fn kinds() -> Vec<DataType> {
    let dictionary = |key: DataType| DataType::Dictionary(key.into(), DataType::Utf8.into());
    vec![
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        dictionary(DataType::Int32),
        dictionary(DataType::UInt16),
        DataType::Binary,
    ]
}

const ENDINGS: [&str; 3] = ["parquet", "arrow", "arrows"];

fn csv(folder: &TempDir, rows: &[Row]) -> PathBuf {
    common::write(folder.path(), "articles.csv", common::csv(rows))
}

#[test]
fn every_type_of_string_gives_the_articles_of_csv() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(12, true);
    let wanted = articles(&csv(&folder, &rows));
    for kind in kinds() {
        for ending in ENDINGS {
            let path = folder.path().join(format!("articles.{ending}"));
            // More than one group, the last one short.
            write(&path, &batch(&rows, &kind), 7);
            let found = articles(&path);
            assert_eq!(found.len(), wanted.len());
            for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                let parts =
                    |a: &Article| (a.id.clone(), a.title.clone(), a.text.clone(), a.labels.clone());
                assert_eq!(parts(found), parts(wanted), "{kind} in {ending}");
                assert_eq!(found.place.record, Some(at as u64 + 1));
                assert_eq!((&found.problem, found.encoding), (&None, None));
            }
            assert_eq!(found[1].date.as_deref(), Some("2022-01-09"));
            assert_eq!(found[1].cells[5..], ["2023-11-14T23:13:20Z", "1"]);
        }
    }
}

#[test]
fn every_compression_is_read() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(12, true);
    let wanted: Vec<String> = articles(&csv(&folder, &rows)).into_iter().map(|a| a.text).collect();
    let path = folder.path().join("articles.parquet");
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        write_compressed(&path, &batch(&rows, &DataType::Utf8), 7, compression);
        let found: Vec<String> = articles(&path).into_iter().map(|a| a.text).collect();
        assert_eq!(found, wanted, "{compression}");
    }
}

#[test]
fn predictions_are_those_of_csv_and_types_pass_through() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(20, false);
    let lines = folder.path().join("out.csv");
    classify(&csv(&folder, &rows), &lines, &[]);
    let wanted = common::records(&fs::read_to_string(&lines).unwrap());
    for (kind, threads) in kinds().iter().zip(["1", "2"].iter().cycle()) {
        for ending in ENDINGS {
            let input = folder.path().join(format!("articles.{ending}"));
            write(&input, &batch(&rows, kind), 9);
            let output = folder.path().join(format!("out.{ending}"));
            classify(&input, &output, &["--keep-text", "--threads", threads]);
            let table = Written::open(&output);
            // Bytes are shown as numbers; those of the id are held against the input's below.
            let id = (*kind != DataType::Binary).then_some("id");
            for name in ["topic", "decision", "status"].into_iter().chain(id) {
                let wanted = common::column(&wanted, name);
                assert_eq!(table.column(name), wanted, "{name}: {kind} as {ending}");
            }
            for name in ["confidence", "p_terrorism"] {
                assert_eq!(table.numbers(name), common::column(&wanted, name), "{name}");
            }
            for name in ["topics", "possible"] {
                assert_eq!(table.lists(name), common::column(&wanted, name), "{name}");
            }
            // As they were read, but that a file of Arrow has no dictionaries.
            let source = batch(&rows, kind);
            for field in source.schema().fields() {
                let is_unpacked =
                    ending == "arrow" && matches!(field.data_type(), DataType::Dictionary(..));
                let wanted = if is_unpacked { &DataType::Utf8 } else { field.data_type() };
                assert_eq!(table.kind(field.name()), wanted, "{} as {ending}", field.name());
                let values = values(source.column_by_name(field.name()).unwrap());
                assert_eq!(table.column(field.name()), values, "{} as {ending}", field.name());
            }
            let beside = |end: &str| folder.path().join(format!("out.{ending}{end}"));
            assert!(beside(".manifest.json").exists() && !beside(".partial").exists());
        }
    }
}

#[test]
fn training_and_evaluation_are_those_of_csv() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(20, false);
    let lines = csv(&folder, &rows);
    let columns = folder.path().join("parts");
    fs::create_dir(&columns).unwrap();
    let table = batch(&rows, &DataType::Utf8View).project(&[0, 1, 2, 3]).unwrap();
    let half = rows.len() / 2;
    write(&columns.join("part-0.parquet"), &table.slice(0, half), 11);
    write(&columns.join("part-1.arrow"), &table.slice(half, rows.len() - half), 11);
    fs::write(columns.join("_SUCCESS"), "").unwrap();
    let model = |name: &str| folder.path().join(format!("{name}.rubrique"));
    for (name, input) in [("lines", &lines), ("columns", &columns)] {
        let mut train = rubrique();
        train.arg("train").arg(input).args(["--no-tune", "--model"]).arg(model(name));
        train.assert().code(predicate::in_iter([0, 1]));
        let mut evaluate = rubrique();
        evaluate.arg("evaluate").arg(input).arg("--model").arg(model("lines"));
        evaluate.arg("--report").arg(folder.path().join(format!("{name}-report")));
        evaluate.assert().code(predicate::in_iter([0, 1]));
    }
    assert_eq!(fs::read(model("lines")).unwrap(), fs::read(model("columns")).unwrap());
    let predictions = |name: &str| {
        fs::read_to_string(folder.path().join(format!("{name}-report/predictions.csv"))).unwrap()
    };
    assert_eq!(predictions("lines"), predictions("columns"));
}

#[test]
fn csv_comes_out_as_text_columns_and_inputs_that_disagree_as_text() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(3, false);
    let lines = csv(&folder, &rows);
    let columns = folder.path().join("more.parquet");
    write(&columns, &batch(&rows, &DataType::LargeUtf8), 5);
    let output = folder.path().join("out.parquet");
    let mut command = rubrique();
    command.arg("classify").args([&lines, &columns]).arg("--output").arg(&output);
    command.assert().code(predicate::in_iter([0, 1]));
    let table = Written::open(&output);
    let ids = table.column("id");
    assert_eq!(ids.len(), 2 * rows.len());
    assert_eq!(ids[..rows.len()], ids[rows.len()..]);
    assert_eq!((table.kind("id"), table.kind("views")), (&DataType::Utf8, &DataType::Int64));
    let nulls: usize = table.arrays("views").map(|views| views.null_count()).sum();
    assert_eq!(nulls, rows.len(), "CSV has no such column");
}

#[test]
fn a_text_that_is_missing_is_an_empty_article() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(2, false);
    let text: StringArray =
        rows.iter().enumerate().map(|(at, row)| (at != 1).then_some(row.text.as_str())).collect();
    let table = RecordBatch::try_from_iter([("text", Arc::new(text) as ArrayRef)]).unwrap();
    let input = folder.path().join("nulls.parquet");
    write(&input, &table, 100);
    let output = folder.path().join("out.parquet");
    rubrique().arg("classify").arg(&input).arg("--output").arg(&output).assert().code(1);
    let table = Written::open(&output);
    let statuses = table.column("status");
    assert_eq!((statuses.len(), statuses[1].as_str()), (rows.len(), "empty"));
    assert_eq!(table.numbers("confidence")[1], "");
    assert_eq!(table.arrays("possible").map(|lists| lists.null_count()).sum::<usize>(), 1);
}

#[test]
fn what_cannot_be_read_is_told_and_leaves_no_output() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(20, false);
    let output = folder.path().join("out.parquet");
    let refused = |input: &Path, what: &str| {
        let mut command = rubrique();
        command.arg("classify").arg(input).arg("--output").arg(&output);
        command.assert().code(2).stderr(predicate::str::contains(what));
        assert!(!output.exists());
    };
    for ending in ENDINGS {
        let path = folder.path().join(format!("cut.{ending}"));
        write(&path, &batch(&rows, &DataType::Utf8), 9);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 200]).unwrap();
        refused(&path, if ending == "parquet" { "is cut off or damaged" } else { "record batch" });
    }
    // One row group is damaged, and its number is told.
    let path = folder.path().join("damaged.parquet");
    write(&path, &batch(&rows, &DataType::Utf8), 10);
    let mut bytes = fs::read(&path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let (start, length) = reader.metadata().row_group(1).column(2).byte_range();
    bytes[start as usize..(start + length) as usize].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    refused(&path, "row group 2 of");

    let other = RecordBatch::try_new(
        Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)])),
        vec![Arc::new(Int64Array::from(vec![1]))],
    );
    let path = folder.path().join("other.parquet");
    write(&path, &other.unwrap(), 10);
    refused(&path, "no column with the articles' text among \"n\"");

    // Written by pyarrow: this build cannot.
    refused(Path::new("tests/data/brotli.parquet"), "compressed by Brotli, which is not read");

    let path = folder.path().join("whole.parquet");
    write(&path, &batch(&rows, &DataType::Utf8), 10);
    let mut command = rubrique();
    command.arg("classify").arg(&path).arg("--resume").arg("--output").arg(&output);
    command.assert().code(2).stderr(predicate::str::contains("--output-format csv"));
}

/// Whatever byte is wrong, reading ends: with articles or an error.
#[test]
fn damaged_files_never_end_in_a_panic() {
    let folder = TempDir::new().unwrap();
    let table = batch(&common::rows(2, false), &DataType::Utf8);
    let mut dice = common::Dice(7);
    for ending in ENDINGS {
        let path = folder.path().join(format!("a.{ending}"));
        write(&path, &table, 4);
        let whole = fs::read(&path).unwrap();
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(bytes.len());
                bytes[at] = dice.roll(256) as u8;
            }
            fs::write(&path, &bytes).unwrap();
            if let Ok(reader) = Reader::open(std::slice::from_ref(&path), &ReadOptions::default()) {
                let rows = reader.take_while(Result::is_ok).count();
                assert!(rows <= 1000, "{rows}");
            }
        }
    }
}

#[test]
fn streams_go_through_pipes() {
    let folder = TempDir::new().unwrap();
    let rows = common::rows(3, false);
    for ending in ["arrow", "arrows"] {
        let path = folder.path().join(format!("a.{ending}"));
        write(&path, &batch(&rows, &DataType::Utf8), 4);
        let mut command = rubrique();
        command.args(["classify", "-", "--output-format", "arrows"]);
        let out = command.write_stdin(fs::read(&path).unwrap()).output().unwrap().stdout;
        let batches: Vec<_> = StreamReader::try_new(&out[..], None).unwrap().collect();
        let found: usize = batches.iter().map(|batch| batch.as_ref().unwrap().num_rows()).sum();
        assert_eq!(found, rows.len());
    }
}
