"""Tables in, tables out; the same as the command line."""

import csv
import io
import json

import pandas
import polars
import pyarrow as pa
import pytest
import rubrique


@pytest.fixture(scope="module")
def press():
    return rubrique.Model.press()


@pytest.fixture(scope="module")
def table(articles):
    return pa.Table.from_pylist(articles)


def as_json_lines(table):
    """A table of results as the command line's JSON lines have it."""
    rows = table.to_pylist()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, float):
                row[name] = round(value, 4)
    return rows


def test_results_are_the_command_lines(press, table, data, command):
    # All columns, with the text and reasons.
    written = command("classify", data / "articles.csv", "--output-format", "jsonl", "--keep-text", "--explain", "3", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    results = press.classify(table, keep_text=True, explain=3)
    assert results.column_names == list(expected[0])
    assert as_json_lines(results.to_pyarrow()) == expected
    # Without them.
    written = command("classify", data / "articles.csv", "--output-format", "jsonl", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    assert as_json_lines(press.classify(table).to_pyarrow()) == expected
    # The CSV has the same columns.
    written = command("classify", data / "articles.csv", "--output", "-")
    assert next(csv.reader(io.StringIO(written))) == press.classify(table).column_names


def test_results_of_a_corpus_are_the_command_lines(press, corpus, data, command):
    written = command("classify", data / "corpus.csv", "--output-format", "jsonl", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    table = pa.Table.from_pylist(corpus)
    for batch_rows in (1000, 100, 7):
        chunked = pa.Table.from_batches(table.to_batches(max_chunksize=batch_rows))
        assert as_json_lines(press.classify(chunked).to_pyarrow()) == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_every_kind_of_string(press, table, kind):
    texts = table["text"].combine_chunks()
    expected = press.classify(table).to_pyarrow()["topics"].to_pylist()
    titles = table["title"].combine_chunks()
    other = pa.table({"title": titles.cast(kind), "text": texts.cast(kind)})
    assert press.classify(other).to_pyarrow()["topics"].to_pylist() == expected
    # A slice begins somewhere in its buffers.
    assert press.classify(other.slice(5, 9)).to_pyarrow()["topics"].to_pylist() == expected[5:14]


def test_columns_of_texts(press, table):
    texts = table["text"].to_pylist()
    expected = [(p.topics, p.confidence, p.status) for p in press.classify(texts)]
    columns = [
        table["text"],
        table["text"].combine_chunks(),
        pa.array(texts, pa.string_view()),
        polars.Series(texts),
        pandas.Series(texts),
    ]
    for column in columns:
        results = press.classify(column)
        assert results.column_names[:3] == ["topics", "topic", "confidence"]
        rows = results.to_pyarrow().select(["topics", "confidence", "status"]).to_pylist()
        assert [tuple(row.values()) for row in rows] == expected
    # Without Arrow, a list.
    assert press.classify(pandas.Series(texts, dtype=object).to_numpy()) == press.classify(texts)
    assert len(press.classify(pa.array([], pa.string()))) == 0


def test_data_frames(press, table):
    expected = press.classify(table).to_pyarrow()
    for frame in (table.to_pandas(), polars.from_arrow(table), table.to_batches()[0]):
        results = press.classify(frame).to_pyarrow()
        assert results.to_pylist() == expected.to_pylist()
    assert press.classify(table).to_pandas()["topic"].tolist() == expected["topic"].to_pylist()
    assert press.classify(table).to_polars()["topic"].to_list() == expected["topic"].to_pylist()


def test_columns_pass_through_with_their_types(press, table):
    mixed = pa.table(
        {
            "id": pa.array(range(len(table)), pa.int32()),
            "topic": pa.array([b"x"] * len(table)),
            "corps": table["text"],
            "when": pa.array([1] * len(table), pa.timestamp("s")),
            "nested": pa.array([{"a": [1]}] * len(table)),
        }
    )
    results = press.classify(mixed).to_pyarrow()
    assert results.column_names[:4] == ["id", "input_topic", "when", "nested"], "the text is found by its usual name"
    assert [results.schema.field(n).type for n in ("id", "input_topic", "when")] == [pa.int32(), pa.binary(), pa.timestamp("s")]
    assert results["nested"].to_pylist() == mixed["nested"].to_pylist()
    assert results.schema.field("topics").type == pa.list_(pa.string())
    assert results.schema.field("p_terrorism").type == pa.float64()
    named = press.classify(mixed.rename_columns(["id", "topic", "prose", "when", "nested"]), text="prose")
    assert named.to_pyarrow()["confidence"].to_pylist() == results["confidence"].to_pylist()


def test_columns_that_are_not_there(press, table):
    with pytest.raises(rubrique.RubriqueError, match='there is no column "prose"; try: text= one of id, date'):
        press.classify(table, text="prose")
    with pytest.raises(rubrique.RubriqueError, match="no column with the articles' text among id; try: text=NAME"):
        press.classify(table.select(["id"]))


def test_bad_rows_are_not_lost(press):
    wrong = pa.array([b"Un texte \xff\xfe", "Les deux ministres ont signé le traité.".encode(), None, b""], pa.binary())
    pretends = wrong.view(pa.string())
    for texts in (wrong, pretends):
        statuses = press.classify(texts).to_pyarrow()["status"].to_pylist()
        assert statuses[0] == "unreadable" and statuses[1] != "unreadable"
        assert statuses[2:] == ["empty", "empty"]


def test_offsets_that_lie_are_an_error(press):
    values, offsets = pa.py_buffer(b"abc"), pa.py_buffer(b"\0\0\0\0\x09\0\0\0\x02\0\0\0")
    lying = pa.Array.from_buffers(pa.string(), 2, [None, offsets, values])
    with pytest.raises(ValueError):
        press.classify(lying)


def test_pages_are_read_as_pages(press, tmp_path, command):
    body = "<p>Les deux ministres des Affaires étrangères ont signé le traité ; les ambassadeurs sont rappelés.</p>"
    page = f"<html><head><title>Un traité est signé</title></head><body><nav><a href=/>Accueil</a></nav><article>{body}</article></body></html>"
    rows = [{"title": "", "text": page}, {"title": "Le traité", "text": page}, {"title": "Le traité", "text": "Il est signé, et bien signé."}]
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    written = command("classify", path, "--output-format", "jsonl", "--keep-text", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    results = press.classify(pa.Table.from_pylist(rows), keep_text=True).to_pyarrow()
    assert as_json_lines(results) == expected
    assert results["text"][0].as_py().startswith("Les deux ministres"), "not the page"


def test_a_stream_is_worked_out_as_it_is_read(press, table):
    read = []

    def batches():
        for batch in table.to_batches(max_chunksize=8):
            read.append(len(batch))
            yield batch

    stream = press.classify_stream(pa.RecordBatchReader.from_batches(table.schema, batches()))
    assert read == [] and stream.column_names == press.classify(table).column_names
    results = pa.RecordBatchReader.from_stream(stream)
    first = results.read_next_batch()
    assert len(first) == 8 and len(read) == 1
    rest = results.read_all()
    together = pa.Table.from_batches([first]).to_pylist() + rest.to_pylist()
    assert together == press.classify(table).to_pyarrow().to_pylist()
    with pytest.raises(rubrique.RubriqueError, match="read already"):
        pa.RecordBatchReader.from_stream(stream)
    with pytest.raises(rubrique.RubriqueError):
        press.classify_stream(["un texte"])


def test_an_error_of_the_stream_is_told(press, table):
    def batches():
        yield table.to_batches()[0]
        raise RuntimeError("the source is gone")

    stream = press.classify_stream(pa.RecordBatchReader.from_batches(table.schema, batches()))
    with pytest.raises(Exception, match="the source is gone"):
        pa.RecordBatchReader.from_stream(stream).read_all()
