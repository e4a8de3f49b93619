"""What is written in Rust. All of it is exported by `rubrique` itself."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, final, overload

from typing_extensions import Unpack

from .typing import Arrow, Labels, Path, Settings

__all__ = [
    "Counts",
    "Model",
    "Prediction",
    "Results",
    "RubriqueError",
    "Stream",
    "__version__",
    "count",
    "evaluate",
    "set_threads",
    "train",
]

__version__: str

class RubriqueError(ValueError):
    """What stops a run. Where they are known, the attributes say where it was, and what to try."""

    file: str | None
    record: int | None
    line: int | None
    column: str | None
    hint: str | None

@final
class Prediction:
    """What the model says of one text."""

    @property
    def topics(self) -> list[str]:
        """The topics, most probable first."""
    @property
    def topic(self) -> str:
        """The first of them, or `other`."""
    @property
    def confidence(self) -> float | None:
        """The probability that exactly these topics are right; None where nothing was said."""
    @property
    def probabilities(self) -> dict[str, float] | None:
        """The calibrated probability of each label, 0 to 1; None where nothing was said."""
    @property
    def decision(self) -> Literal["accept", "review"]:
        """`review` where a person should look."""
    @property
    def status(
        self,
    ) -> Literal["ok", "empty", "no_known_terms", "not_french", "too_short", "unreadable"]:
        """`ok`, or why nothing was said."""
    @property
    def possible(self) -> list[str] | None:
        """What cannot be ruled out, most probable first; None where nothing was said."""

@final
class Results:
    """Results as a table, which everything that reads Arrow can read: `pyarrow.table(results)`, `polars.DataFrame(results)`."""

    @property
    def column_names(self) -> list[str]:
        """The names of the columns."""
    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def to_pyarrow(self) -> Any:
        """As a `pyarrow.Table`, without a copy."""
    def to_pandas(self) -> Any:
        """As a `pandas.DataFrame`, by way of pyarrow."""
    def to_polars(self) -> Any:
        """As a `polars.DataFrame`."""

@final
class Stream:
    """Results that are worked out as they are read, once: `pyarrow.RecordBatchReader.from_stream(stream)`."""

    @property
    def column_names(self) -> list[str]:
        """The names of the columns."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Model:
    """A trained model. It never changes, and threads may share it. Pickling goes through the bytes of its file."""

    @staticmethod
    def press() -> Model:
        """The ready model for French press: terrorism, money laundering, diplomacy."""
    @staticmethod
    def load(path: Path) -> Model:
        """Reads a model file, as the command line writes it. Raises RubriqueError where it is none, or was altered."""
    @staticmethod
    def from_bytes(data: bytes) -> Model:
        """Reads a model from the bytes of its file; bytes that were altered are refused."""
    def to_bytes(self) -> bytes:
        """The bytes of the model's file: the same for the same articles and settings."""
    def save(self, path: Path) -> None:
        """Writes the model file."""
    @property
    def labels(self) -> list[str]:
        """The labels, in order."""
    @property
    def digest(self) -> str:
        """The SHA-256 digest of the model's file, 64 hexadecimal digits."""
    @property
    def task(self) -> Literal["one_label", "any_labels"]:
        """`one_label` where each article has one, `any_labels` where it may have any number."""
    @property
    def settings(self) -> dict[str, Any]:
        """What it was trained with."""
    @property
    def card(self) -> dict[str, Any]:
        """What is known of its training articles and of its quality."""
    @overload
    def classify(self, data: Sequence[str | None]) -> list[Prediction]: ...
    @overload
    def classify(
        self,
        data: Arrow,
        *,
        title: str | None = None,
        text: str | None = None,
        html: str | None = None,
        keep_text: bool = False,
        explain: int | None = None,
    ) -> Results:
        """Labels articles.

        A list of texts gives a list of predictions. A table (pyarrow, pandas, Polars, DuckDB, …) gives a table: its columns (the text only with
        `keep_text`), then `topics`, `topic`, `confidence`, `p_<topic>` for each topic, `decision`, `status`, `possible` and, with `explain=N`, `why`,
        as JSON lines of the command line have them. A column of texts gives the same without the input's columns.

        `title`, `text` and `html` name the columns; without, they go by their usual names in English and French. Strings are read where they
        stand, without a copy. A row that cannot be classified has a status that says why; none is dropped.
        """
    def classify_stream(
        self,
        stream: Arrow,
        *,
        title: str | None = None,
        text: str | None = None,
        html: str | None = None,
        keep_text: bool = False,
        explain: int | None = None,
    ) -> Stream:
        """Labels the articles of a stream (such as a `pyarrow.RecordBatchReader`) batch by batch, as somebody reads the results: memory does not
        grow with the input."""
    def explain(self, text: str, *, title: str = "") -> dict[str, Any]:
        """Tells why an article has its topics: its `status`, and for each of the `topics` the terms for and against it, which add up to its
        score, and the sentences that say most for it."""

@final
class Counts:
    """Term counts by article with their labels: no text, no word order. This is what the command line's `train --counts` writes and `merge` reads.
    Merged, counts of parts are those of the whole, byte for byte, however it was divided."""

    @staticmethod
    def load(path: Path) -> Counts:
        """Reads a file of counts."""
    @staticmethod
    def from_bytes(data: bytes) -> Counts:
        """Reads counts from the bytes of their file; bytes that were altered are refused."""
    def to_bytes(self) -> bytes:
        """The bytes of their file: the same for the same articles, whatever their order or parts."""
    def save(self, path: Path) -> None:
        """Writes the file."""
    def merge(self, other: Counts) -> Counts:
        """The articles of both. Raises RubriqueError where they were counted with other settings."""
    def train(self, **settings: Unpack[Settings]) -> Model:
        """Trains on all of them. How they were counted is theirs to say; the settings say how to train."""
    @property
    def labels(self) -> list[str]:
        """The labels, in order."""
    @property
    def label_counts(self) -> list[int]:
        """How many articles have each label, in the order of the labels."""
    @property
    def skipped(self) -> dict[str, int]:
        """Articles that could not be counted here: `unreadable`, `empty`."""
    def __len__(self) -> int: ...

def count(
    data: Arrow | Iterable[str | None],
    labels: Labels | None = None,
    *,
    title: str | None = None,
    text: str | None = None,
    label: str | None = None,
    html: str | None = None,
    **settings: Unpack[Settings],
) -> Counts:
    """Counts labelled articles, for training now or later, here or elsewhere. Arguments are those of `train`."""

def train(
    data: Arrow | Iterable[str | None],
    labels: Labels | None = None,
    *,
    title: str | None = None,
    text: str | None = None,
    label: str | None = None,
    html: str | None = None,
    **settings: Unpack[Settings],
) -> Model:
    """Trains a model on labelled articles.

    `data` is a table with a column of labels, or texts with `labels` beside them. Where every article has exactly one label, labels exclude each
    other; otherwise each topic is decided for itself. `title`, `text`, `label` and `html` name the columns. The settings are those of the command
    line, and give the same model, byte for byte.
    """

def evaluate(
    data: Arrow | Iterable[str | None],
    labels: Labels | None = None,
    *,
    model: Model | None = None,
    cross_validate: int | None = None,
    id: str | None = None,
    title: str | None = None,
    text: str | None = None,
    label: str | None = None,
    html: str | None = None,
    date: str | None = None,
    source: str | None = None,
    **settings: Unpack[Settings],
) -> dict[str, Any]:
    """Says how good a finished `model` is on labelled articles, or, with `cross_validate=K`, models that were trained with these settings without a K-th of the articles, on that K-th.
    The result is what `metrics.json` of the command line holds."""

def set_threads(threads: int | None = None) -> None:
    """Sets how many threads work in this process; None: as many as there are cores."""
