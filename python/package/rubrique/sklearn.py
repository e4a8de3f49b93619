"""A scikit-learn classifier of texts.

>>> from rubrique.sklearn import RubriqueClassifier
>>> classifier = RubriqueClassifier(tune=False)
>>> classifier.fit(["Le but de la victoire", "Le match est nul", "Le vote du budget", "La loi est votée"], ["sport", "sport", "politique", "politique"])
RubriqueClassifier(tune=False)
>>> list(classifier.predict(["Un but refusé en fin de match"]))
[np.str_('sport')]
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d

from ._rubrique import count

__all__ = ["RubriqueClassifier"]


class RubriqueClassifier(ClassifierMixin, BaseEstimator):
    """Naive Bayes on words, characters and word classes, with calibrated probabilities.

    Parameters are the settings of `rubrique.train`, under the same names and with the same defaults.

    `X` is one-dimensional: texts, in a list, an array or a series. `y` has one class an article, or is an indicator matrix of any number of
    topics; then `predict` goes by the thresholds that training fitted. A text of which the model can say nothing (empty, too short, not French)
    has the probabilities of the classes among the training texts.

    `partial_fit` merges counts, so that the model is the one of `fit` on everything at once, byte for byte; it is trained when it is first
    asked for. Pickling stores counts and model as the bytes of their files, which are checked when they are read.

    Attributes: `classes_`; `counts_`, the counted articles (`rubrique.Counts`); `model_`, the model (`rubrique.Model`).
    """

    def __init__(
        self,
        *,
        algorithm="auto",
        alpha=None,
        length_power=None,
        reliability=None,
        refine=None,
        penalty=None,
        priors="learned",
        weighting="counts",
        views=None,
        tune=True,
        time_budget=None,
        folds=5,
        seed=42,
        accept_accuracy=0.95,
        targets="f1",
        coverage=0.95,
        min_df=2,
        max_df=1.0,
        stemming="stem",
        accents=True,
        stop_words="french",
        word_ngrams=1,
        numbers="drop",
        min_length=2,
    ):
        self.algorithm = algorithm
        self.alpha = alpha
        self.length_power = length_power
        self.reliability = reliability
        self.refine = refine
        self.penalty = penalty
        self.priors = priors
        self.weighting = weighting
        self.views = views
        self.tune = tune
        self.time_budget = time_budget
        self.folds = folds
        self.seed = seed
        self.accept_accuracy = accept_accuracy
        self.targets = targets
        self.coverage = coverage
        self.min_df = min_df
        self.max_df = max_df
        self.stemming = stemming
        self.accents = accents
        self.stop_words = stop_words
        self.word_ngrams = word_ngrams
        self.numbers = numbers
        self.min_length = min_length

    def fit(self, X, y):
        """Trains on texts and their classes."""
        texts, y = _articles(X, y)
        self.classes_ = _classes(y)
        if len(self.classes_) == 1:
            raise ValueError(f"y has 1 class, {self.classes_[0]!r}; a classifier needs two or more")
        self._is_multilabel = y.ndim == 2
        self.counts_ = self._count(texts, y)
        self._model = self.counts_.train(**self.get_params())
        return self

    def partial_fit(self, X, y, classes=None):
        """Adds texts and their classes to those of earlier calls. Classes that later texts may have are named by the first call."""
        texts, y = _articles(X, y)
        if not hasattr(self, "counts_"):
            self.classes_ = _classes(y) if classes is None else _classes(np.asarray(classes))
            self._is_multilabel = y.ndim == 2
        elif classes is not None and not np.array_equal(_classes(np.asarray(classes)), self.classes_):
            raise ValueError("classes are not those of the first call to partial_fit")
        counts = self._count(texts, y)
        self.counts_ = self.counts_.merge(counts) if hasattr(self, "counts_") else counts
        self._model = None
        return self

    @property
    def model_(self):
        """The trained model."""
        check_is_fitted(self)
        if self._model is None:
            self._model = self.counts_.train(**self.get_params())
        return self._model

    def predict_proba(self, X):
        """The calibrated probability of each class, in the order of `classes_`. Those of an indicator matrix stand each for itself."""
        return self._judge(X)[0]

    def predict(self, X):
        """The most probable class of each text; of an indicator matrix, the topics that reach their thresholds."""
        probabilities, given = self._judge(X)
        return given if self._is_multilabel else self.classes_[np.argmax(probabilities, axis=1)]

    def _judge(self, X):
        """Probabilities by text and class, and whether the class is given."""
        check_is_fitted(self)
        predictions = self.model_.classify(_texts(X))
        column = {name: at for at, name in enumerate(_names(self.classes_))}
        shares = np.zeros(len(column))
        for name, number in zip(self.counts_.labels, self.counts_.label_counts):
            shares[column[name]] = number / len(self.counts_)
        probabilities = np.tile(shares, (len(predictions), 1))
        given = np.zeros(probabilities.shape, dtype=int)
        for row, prediction in enumerate(predictions):
            if prediction.probabilities is not None:
                probabilities[row] = 0.0
                for name, probability in prediction.probabilities.items():
                    probabilities[row, column[name]] = probability
            given[row, [column[name] for name in prediction.topics]] = 1
        return probabilities, given

    def _count(self, texts, y):
        names = _names(self.classes_)
        if y.ndim == 2:
            if not self._is_multilabel or y.shape[1] != len(names):
                raise ValueError(f"y has {y.shape[1]} columns where there are {len(names)} classes")
            labels = [[names[at] for at in np.flatnonzero(row)] for row in y]
        else:
            unknown = np.setdiff1d(y, self.classes_)
            if len(unknown):
                raise ValueError(f"y has classes that are not among the {len(names)} of the first call: {unknown}")
            labels = [[names[at]] for at in np.searchsorted(self.classes_, y)]
        return count(texts, labels, **self.get_params())

    def __sklearn_is_fitted__(self):
        return hasattr(self, "counts_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.classifier_tags.multi_label = True
        return tags


def _articles(X, y):
    """Texts and classes, of one length."""
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    texts = _texts(X)
    check_classification_targets(y)
    y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    if len(texts) != len(y):
        raise ValueError(f"there are {len(texts)} texts and {len(y)} targets")
    return texts, y


def _texts(X):
    """One-dimensional texts as a list."""
    if isinstance(X, (str, bytes)) or not hasattr(X, "__iter__"):
        raise ValueError("texts are expected, in a list, an array or a series; a single one is a list of one: [text]")
    if getattr(X, "ndim", 1) != 1:
        raise ValueError(f"Expected a 1-dimensional container of texts, got one of {X.ndim} dimensions; a column of a table is one")
    texts = list(X)
    for text in texts:
        if not (text is None or isinstance(text, str) or text != text):
            raise ValueError(f"a text is a {type(text).__name__}; it must be a str, or None for a missing one")
    return texts


def _classes(y):
    return np.arange(y.shape[1]) if y.ndim == 2 else unique_labels(y)


def _names(classes):
    """The names under which the model knows the classes."""
    names = [str(name) for name in classes]
    return names if len(set(names)) == len(names) else [f"{at:06}" for at in range(len(names))]
