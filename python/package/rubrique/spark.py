"""Classifying and training where the articles are: on a Spark cluster.

rubrique and pyarrow must be installed on the executors (a wheel in `--archives`, or the cluster's image). Results are those of one machine: rows as
the command line writes them, and models with the same bytes, however the data frame is divided and whatever fails and is done again.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark import SparkFiles, StorageLevel, TaskContext
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from . import Counts, Model, count as count_articles, set_threads

__all__ = ["classify", "count", "train"]

# Batches are put together, or taken apart, to about so many bytes.
BATCH_BYTES = 8 << 20
# Articles counted together: counts of few articles repeat the terms of many.
COUNT_BYTES = 64 << 20


def classify(
    df: DataFrame,
    model: Model,
    *,
    text_col: str | None = None,
    title_col: str | None = None,
    keep_text: bool = False,
    explain: int | None = None,
    batch_bytes: int = BATCH_BYTES,
) -> DataFrame:
    """Labels the articles of a data frame: its columns (the text only with `keep_text`), then those of `Model.classify`, in the order of the rows.

    The model travels once to each executor, as a file of Spark's, and each Python worker reads it once. Where articles are very long, lower
    `spark.sql.execution.arrow.maxRecordsPerBatch`, which says how many rows Spark hands over at a time.
    """
    columns = {"text": text_col, "title": title_col, "keep_text": keep_text, "explain": explain}
    empty = to_arrow_schema(df.schema).empty_table()
    schema = from_arrow_schema(model.classify(empty, **columns).to_pyarrow().schema)
    name = _ship(df, model)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        model = _shipped(name)
        for table in rechunked(batches, batch_bytes):
            yield from model.classify(table, **columns).to_pyarrow().to_batches()

    return df.mapInArrow(work, schema)


def count(
    df: DataFrame,
    *,
    text_col: str | None = None,
    title_col: str | None = None,
    label_col: str | None = None,
    **settings,
) -> Counts:
    """Counts labelled articles: each partition sends its counts (integers: no text, no word order), and the driver merges them."""
    columns = {"text": text_col, "title": title_col, "label": label_col}

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        _use_own_cores()
        counts = merged(count_articles(table, **columns, **settings) for table in rechunked(batches, COUNT_BYTES))
        if counts is not None:
            yield pa.record_batch({"counts": pa.array([counts.to_bytes()], pa.binary())})

    # What is missing or mistyped is told here, before the cluster is asked.
    nothing = count_articles(to_arrow_schema(df.schema).empty_table(), **columns, **settings)
    counted = df.mapInArrow(work, "counts binary").persist(StorageLevel.DISK_ONLY)
    try:
        # All partitions at once, where they are; the iterator below has one of them after the other worked out, so that the driver holds no more.
        counted.count()
        rows = counted.toLocalIterator(prefetchPartitions=True)
        counts = merged(Counts.from_bytes(bytes(row.counts)) for row in rows)
    finally:
        counted.unpersist()
    return nothing if counts is None else counts


def train(
    df: DataFrame,
    *,
    text_col: str | None = None,
    title_col: str | None = None,
    label_col: str | None = None,
    **settings,
) -> Model:
    """Trains on labelled articles: the model that one machine would train on all of them, byte for byte. Settings are those of `rubrique.train`."""
    counts = count(df, text_col=text_col, title_col=title_col, label_col=label_col, **settings)
    return counts.train(**settings)


def merged(parts: Iterable[Counts]) -> Counts | None:
    """The union of all parts; parts of like size are merged, so that none is copied often."""
    waiting: list[tuple[int, Counts]] = []
    for counts in parts:
        level = 0
        while waiting and waiting[-1][0] == level:
            counts = waiting.pop()[1].merge(counts)
            level += 1
        waiting.append((level, counts))
    whole = None
    while waiting:
        counts = waiting.pop()[1]
        whole = counts if whole is None else counts.merge(whole)
    return whole


def rechunked(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """The same rows in tables of about so many bytes."""
    gathered: list[pa.RecordBatch] = []
    filled = 0
    for batch in batches:
        rows = max(1, batch.num_rows * size // max(1, batch.nbytes))
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            gathered.append(part)
            filled += part.nbytes
            if filled >= size:
                yield pa.Table.from_batches(gathered)
                gathered, filled = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered)


# Where the driver keeps the models that it has handed out.
_folder: tempfile.TemporaryDirectory | None = None
# What a worker has read, by the name of the file.
_models: dict[str, Model] = {}


def _ship(df: DataFrame, model: Model) -> str:
    """Hands the model's file to the executors, and returns its name, which tells it from all others."""
    global _folder
    name = f"rubrique-{model.digest}"
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="rubrique-")
    path = os.path.join(_folder.name, name)
    if not os.path.exists(path):
        model.save(path)
    context = df.sparkSession.sparkContext
    if not any(file.endswith(name) for file in context.listFiles):
        context.addFile(path)
    return name


def _shipped(name: str) -> Model:
    """The model that was handed over."""
    _use_own_cores()
    if name not in _models:
        _models.clear()
        _models[name] = Model.load(SparkFiles.get(name))
    return _models[name]


def _use_own_cores() -> None:
    """Takes the cores of this task and no more: its neighbours have the others."""
    task = TaskContext.get()
    if task is not None:
        set_threads(max(1, task.cpus()))
