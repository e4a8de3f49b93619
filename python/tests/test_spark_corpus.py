"""A corpus of any size on a real Spark beside the command line, an executor killed in the middle of every job.

On demand, with a CSV of `id` (each once), `title`, `text` and `labels`, such as `benches/compare` makes:
RUBRIQUE_SPARK_CORPUS=articles.csv REQUIREMENTS=tests/requirements-spark.txt python/test --on-demand -s tests/test_spark_corpus.py
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pytest
import rubrique

pytest.importorskip("pyspark")
CORPUS = os.environ.get("RUBRIQUE_SPARK_CORPUS")
pytestmark = [
    pytest.mark.on_demand,
    pytest.mark.skipif(not CORPUS, reason="RUBRIQUE_SPARK_CORPUS names no CSV"),
]

from pyspark.sql import SparkSession  # noqa: E402
from rubrique import spark as on_spark  # noqa: E402

ROW_GROUP = 2_000


@pytest.fixture
def session():
    """A cluster of two executors for each test, since each kills one of them."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # A row group of the corpus, or a few.
        .config("spark.sql.files.maxPartitionBytes", "4m")
        .config("spark.sql.files.openCostInBytes", "0")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    """The corpus as Parquet, so that partitions stream."""
    path = tmp_path_factory.mktemp("corpus") / "articles.parquet"
    options = pa.csv.ParseOptions(newlines_in_values=True)
    texts = {name: pa.string() for name in pa.csv.open_csv(CORPUS, parse_options=options).schema.names}
    reader = pa.csv.open_csv(CORPUS, parse_options=options, convert_options=pa.csv.ConvertOptions(column_types=texts))
    with pa.parquet.ParquetWriter(path, reader.schema) as file:
        gathered = []
        for batch in reader:
            gathered.append(batch)
            if sum(map(len, gathered)) >= ROW_GROUP:
                file.write_table(pa.Table.from_batches(gathered))
                gathered = []
        if gathered:
            file.write_table(pa.Table.from_batches(gathered))
    return str(path)


@pytest.fixture(scope="module")
def expected(command, tmp_path_factory):
    """The command line's rows, in their order."""
    path = tmp_path_factory.mktemp("command-line") / "topics.jsonl"
    command("classify", CORPUS, "--output-format", "jsonl", "--quiet", "--output", path)
    return read_lines(path)


def read_lines(path):
    """JSON lines, whose dates are texts."""
    schema = pa.schema([("date", pa.string())])
    return pa.json.read_json(path, parse_options=pa.json.ParseOptions(explicit_schema=schema))


class Killing:
    """Kills one executor as soon as some of the tasks of a job are done, and tells of it."""

    def __init__(self, session, what, enough=3):
        self.session, self.what, self.enough = session, what, enough
        self.executors, self.killed = executors(), None
        assert len(self.executors) == 2
        self.watch = threading.Thread(target=self.wait, daemon=True)

    def wait(self):
        while (tasks := tasks_done(self.session))[0] < self.enough:
            time.sleep(0.01)
        os.kill(self.executors[0], signal.SIGKILL)
        self.killed = time.monotonic(), *tasks

    def __enter__(self):
        self.started = time.monotonic()
        self.watch.start()

    def __exit__(self, kind, *_):
        seconds = time.monotonic() - self.started
        if kind is not None:
            return
        assert self.killed, "the job was over before an executor was killed"
        at, done, all = self.killed
        assert done < all and not os.path.exists(f"/proc/{self.executors[0]}")
        print(f"\n{self.what} in {seconds:.1f} s; an executor killed after {at - self.started:.1f} s, when {done} of {all} tasks were done")


def executors():
    """The process ids of the executors: children of the Java that this process started."""

    def children(parent, name):
        return [int(pid) for pid in subprocess.run(["pgrep", "-P", str(parent), "-f", name], capture_output=True, text=True).stdout.split()]

    return [pid for java in children(os.getpid(), "java") for pid in children(java, "CoarseGrainedExecutorBackend")]


def tasks_done(session):
    """How many tasks of the stages at work are done, and of how many."""
    tracker = session.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    stages = [stage for stage in stages if stage]
    return sum(stage.numCompletedTasks for stage in stages), sum(stage.numTasks for stage in stages)


def check(found, expected):
    """The same rows, whatever their order: every column, probabilities as the command line rounds them."""
    assert sorted(found.column_names) == sorted(expected.column_names)
    found, expected = found.sort_by("id"), expected.sort_by("id")
    assert len(found) == len(expected) == pc.count_distinct(expected["id"]).as_py()
    for name in expected.column_names:
        ours, theirs = found[name], expected[name]
        if pa.types.is_floating(theirs.type):
            ours = pc.round(ours, 4, "half_towards_infinity")
        assert ours.to_pylist() == theirs.to_pylist(), name


def test_rows(session, parquet, expected, tmp_path):
    articles = session.read.parquet(parquet)
    path = tmp_path / "topics"
    with Killing(session, "labelled"):
        on_spark.classify(articles, rubrique.Model.press(), text_col="text", title_col="title").write.parquet(str(path))
    found = pa.parquet.read_table(path)
    check(found, expected)


def test_training(session, parquet, command, tmp_path):
    command("train", CORPUS, "--no-tune", "--quiet", "--model", tmp_path / "m", "--counts", tmp_path / "c")
    articles = session.read.parquet(parquet)
    with Killing(session, "trained"):
        model = on_spark.train(articles, text_col="text", label_col="labels", tune=False)
    assert model.to_bytes() == (tmp_path / "m").read_bytes()
    assert on_spark.count(articles, tune=False).to_bytes() == (tmp_path / "c").read_bytes()


def test_pipe(session, parquet, expected, binary, tmp_path):
    """As the README has it: no Python on the executors."""
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^lines = articles\.toJSON\(\)\.pipe\(.*$", readme, re.M)
    names = {"articles": session.read.parquet(parquet)}
    exec(line.replace("rubrique classify", f"{binary} classify"), names)
    path = tmp_path / "lines"
    with Killing(session, "piped"):
        names["lines"].saveAsTextFile(str(path))
    check(pa.concat_tables([read_lines(part) for part in sorted(path.glob("part-*"))], promote_options="permissive"), expected)
