"""Ray and Dask run what the README says, for real. On demand: python/test --on-demand with REQUIREMENTS=tests/requirements-frameworks.txt."""

import json
import os
import re
from pathlib import Path

import pandas
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
import rubrique

pytestmark = pytest.mark.on_demand

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
# The project's labelled articles so many times over: 1.65 MB of CSV each time.
TIMES = int(os.environ.get("RUBRIQUE_FRAMEWORKS_TIMES", "20"))


@pytest.fixture(scope="module")
def expected(data, command):
    """What the command line says of the articles."""
    written = command("classify", data / "corpus.csv", "--output-format", "jsonl", "--output", "-")
    return [json.loads(line) for line in written.splitlines()]


@pytest.fixture(autouse=True)
def articles(data, tmp_path, monkeypatch):
    """The articles again and again, numbered, as Parquet files in a folder `articles` of the working directory."""
    (tmp_path / "articles").mkdir()
    table = pa.csv.read_csv(data / "corpus.csv", parse_options=pa.csv.ParseOptions(newlines_in_values=True))
    for at in range(TIMES):
        numbers = pa.array(range(at * len(table), (at + 1) * len(table)))
        pa.parquet.write_table(table.append_column("number", numbers), tmp_path / "articles" / f"{at:05}.parquet", row_group_size=100)
    monkeypatch.chdir(tmp_path)


def labelled(module):
    """What the README's block that imports the module makes, with the press model."""
    (block,) = re.findall(rf"^```text\n(import {module}\b.*?)^```", README, re.M | re.S)
    names = {"model": rubrique.Model.press()}
    exec(block, names)
    return names["labelled"]


def check(results, expected):
    """Every article once, labelled as the command line does."""
    # Ray's blocks come in the order in which they are done.
    results = results.sort_values("number")
    assert results["number"].tolist() == list(range(len(expected) * TIMES))
    assert "text" not in results.columns
    for name in ("id", "topic", "decision", "status"):
        assert results[name].tolist() == [row[name] for row in expected] * TIMES
    assert [list(topics) for topics in results["topics"]] == [row["topics"] for row in expected] * TIMES
    for name in filter(re.compile("p_|confidence").match, expected[0]):
        found = [None if pandas.isna(p) else round(p, 4) for p in results[name]]
        assert found == [row[name] for row in expected] * TIMES


def test_ray(expected):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, logging_level="warning")
    try:
        check(labelled("ray").to_pandas(), expected)
    finally:
        ray.shutdown()


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_dask(expected, scheduler):
    pytest.importorskip("dask.dataframe")
    frame = labelled("dask")
    results = frame.compute(scheduler=scheduler)
    assert list(frame.columns) == list(results.columns)
    check(results, expected)
