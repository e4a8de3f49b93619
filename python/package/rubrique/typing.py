"""What arguments may be, for annotations."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias, TypedDict


class ArrowStream(Protocol):
    """What speaks Arrow's PyCapsule interface as a stream: tables, data frames, series, chunked arrays, readers."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class ArrowArray(Protocol):
    """What speaks it as one array: arrays, record batches."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

Arrow: TypeAlias = ArrowStream | ArrowArray
Labels: TypeAlias = Arrow | Iterable[str | Iterable[str] | None]
"""One item an article: a string as a cell has it (`"terrorism;diplomacy"`, `"other"` and None for none of them), or the names themselves."""

Path: TypeAlias = str | os.PathLike[str]
Algorithm: TypeAlias = Literal["auto", "multinomial", "complement", "bernoulli", "gaussian"]
View: TypeAlias = Literal["words", "characters", "classes"]


class Settings(TypedDict, total=False):
    """How to train. What is left out, or None, is what the command line does without an option: found by cross-validation or a default."""

    algorithm: Algorithm
    alpha: float | None
    length_power: float | None
    reliability: bool | None
    refine: bool | None
    penalty: float | None
    priors: Literal["learned", "uniform"] | Sequence[float]
    weighting: Literal["counts", "tf-idf"]
    views: Sequence[View] | None
    tune: bool
    time_budget: float | None
    seed: int
    folds: int
    accept_accuracy: float
    targets: str | Mapping[str, str]
    """`"f1"`, `"precision=0.9"` or `"recall=0.95"`, for all topics or by topic."""
    coverage: float
    topic_terms: Path | Mapping[str, Sequence[str] | Mapping[str, int]]
    pseudo_articles: int
    min_df: int
    max_df: float
    stemming: Literal["none", "stem"]
    accents: bool
    stop_words: Literal["french", "none"] | Sequence[str]
    word_ngrams: int
    char_ngrams: tuple[int, int] | None
    word_classes: bool
    numbers: Literal["drop", "class"]
    min_length: int
    zones: Sequence[int] | Mapping[str, int]
    """Weights of title, lead and rest."""
    gaussian: Mapping[str, float]
