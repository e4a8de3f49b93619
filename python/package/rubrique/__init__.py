"""Labels French press articles by topic.

>>> import rubrique
>>> model = rubrique.Model.press()
>>> model.labels
['diplomacy', 'money_laundering', 'terrorism']

Results are those of the command line on the same articles: the same library works underneath, on all cores, while Python's own threads go on.
"""

from ._rubrique import (
    Counts,
    Model,
    Prediction,
    Results,
    RubriqueError,
    Stream,
    __version__,
    count,
    evaluate,
    set_threads,
    train,
)

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
