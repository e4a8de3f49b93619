"""On a real Spark: two executors in processes of their own. On demand: python/test --on-demand with REQUIREMENTS=tests/requirements-spark.txt."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import rubrique

pytest.importorskip("pyspark")
pytestmark = pytest.mark.on_demand

from pyspark.sql import SparkSession  # noqa: E402
from rubrique import spark as on_spark  # noqa: E402


@pytest.fixture(scope="module")
def session():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    yield session
    session.stop()


def frame(session, rows, partitions):
    """The rows as a data frame, in their order."""
    names = list(rows[0])
    return session.createDataFrame(session.sparkContext.parallelize([tuple(row.values()) for row in rows], partitions), names)


def executors():
    """The process ids of the executors."""
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "java"], capture_output=True, text=True).stdout.split()
    children = []
    for parent in found:
        listed = subprocess.run(["pgrep", "-P", parent, "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True)
        children += [int(pid) for pid in listed.stdout.split()]
    return children


def results(frame):
    """Rows as the command line's JSON lines have them."""
    rows = [row.asDict() for row in frame.collect()]
    return [{n: round(v, 4) if isinstance(v, float) else v for n, v in row.items()} for row in rows]


def test_rows_are_the_command_lines(session, corpus, data, command):
    written = command("classify", data / "corpus.csv", "--output-format", "jsonl", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    articles = frame(session, corpus, 7)
    model = rubrique.Model.press()
    classified = on_spark.classify(articles, model, text_col="text", title_col="title", batch_bytes=100_000)
    assert results(classified) == expected
    assert results(on_spark.classify(articles, model, explain=2))[0]["why"]


def test_training_is_the_command_lines(session, corpus, data, tmp_path, command):
    command("train", data / "corpus.csv", "--no-tune", "--model", tmp_path / "m", "--counts", tmp_path / "c")
    for partitions in (1, 5):
        articles = frame(session, corpus, partitions)
        assert on_spark.count(articles, tune=False).to_bytes() == (tmp_path / "c").read_bytes()
        assert on_spark.train(articles, text_col="text", label_col="labels", tune=False).to_bytes() == (tmp_path / "m").read_bytes()
    with pytest.raises(rubrique.RubriqueError, match="prose"):
        on_spark.train(articles, text_col="prose")


def test_a_killed_executor_changes_nothing(session, corpus, data, tmp_path, command):
    written = command("classify", data / "corpus.csv", "--output-format", "jsonl", "--output", "-")
    expected = [json.loads(line) for line in written.splitlines()]
    rows = corpus * 40
    articles = frame(session, rows, 40).cache()
    assert articles.count() == len(rows)
    classified = on_spark.classify(articles, rubrique.Model.press())
    path = str(tmp_path / "topics")
    before = executors()
    assert len(before) == 2
    job = subprocess.Popen(["sh", "-c", f"while [ ! -d {path} ]; do sleep 0.05; done; sleep 1.5; kill -9 {before[0]}"])
    started = time.monotonic()
    classified.write.json(path)
    print(f"{len(rows)} articles in {time.monotonic() - started:.1f} s")
    assert job.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(before[0], signal.SIG_DFL)
    read = {}
    for part in sorted((tmp_path / "topics").glob("part-*")):
        for line in part.read_text().splitlines():
            row = json.loads(line)
            read.setdefault(row["id"], []).append(row)
    by_id = {row["id"]: row for row in expected}
    assert sum(map(len, read.values())) == len(rows)
    for name, rows_of_id in read.items():
        for row in rows_of_id:
            rounded = {n: round(v, 4) if isinstance(v, float) else v for n, v in row.items()}
            # Spark's JSON leaves nulls out.
            assert rounded == {n: v for n, v in by_id[name].items() if v is not None}


def test_the_command_line_in_a_pipe(session, articles, data, command):
    lines = [json.dumps(article, ensure_ascii=False) for article in articles]
    binary = os.environ["RUBRIQUE"]
    # The exit status is 1 where rows could not be classified.
    call = f"sh -c '{binary} classify - --format jsonl --output-format jsonl --output - --quiet || [ $? = 1 ]'"
    piped = session.sparkContext.parallelize(lines, 3).pipe(call).collect()
    written = command("classify", data / "articles.csv", "--output-format", "jsonl", "--output", "-")
    assert [json.loads(line) for line in piped] == [json.loads(line) for line in written.splitlines()]


def test_batches_are_taken_apart_and_put_together():
    import pyarrow as pa

    batches = [pa.record_batch({"text": ["x" * 10] * n}) for n in (1, 2, 500, 0, 3)]
    for size in (1, 100, 10**6):
        tables = list(on_spark.rechunked(batches, size))
        assert sum(map(len, tables)) == 506
        assert all(table.nbytes <= 2 * size + 14 for table in tables)
    assert len(list(on_spark.rechunked(batches, 10**6))) == 1
    assert list(on_spark.rechunked([], 10)) == []
