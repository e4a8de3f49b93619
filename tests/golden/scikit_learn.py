"""Writes scikit_learn.json: three cases with the numbers that scikit-learn gives for them.

    pip install scikit-learn==1.9.1
    python tests/golden/scikit_learn.py > tests/golden/scikit_learn.json

The articles are drawn at random with fixed seeds; probabilities have four decimals so that both sides read the same numbers.
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    multilabel_confusion_matrix,
    precision_recall_curve,
    precision_recall_fscore_support,
)

DRAWS = 4000
warnings.filterwarnings("ignore")


def defined(values, wholes):
    """scikit-learn puts a number where a score is undefined: None instead."""
    return [float(v) if w > 0 else None for v, w in zip(values, wholes)]


def expected_calibration_error(truth, probability):
    """Over ten bins of equal width, from the shares of calibration_curve and the counts of its bins."""
    truth, probability = np.asarray(truth, dtype=int), np.asarray(probability)
    observed, mean = calibration_curve(truth, probability, n_bins=10, strategy="uniform")
    # calibration_curve closes bins above: no probability here stands on an edge.
    counts = np.bincount(np.minimum((probability * 10).astype(int), 9), minlength=10)
    counts = counts[counts > 0]
    return float(np.sum(counts * np.abs(observed - mean)) / len(truth))


def scores(truth, given):
    """Over indicator matrices."""
    precision, recall, f1, support = precision_recall_fscore_support(truth, given, zero_division=0)
    predicted = given.sum(axis=0)
    f1 = defined(f1, support + predicted)
    known = [v for v in f1 if v is not None]
    return {
        "accuracy": float(accuracy_score(truth, given)),
        "micro_f1": float(f1_score(truth, given, average="micro")) if known else None,
        "macro_f1": float(np.mean(known)) if known else None,
        "precision": defined(precision, predicted),
        "recall": defined(recall, support),
        "f1": f1,
        "support": [int(s) for s in support],
    }


def bounds(truth, given, seed):
    """Percentile bootstrap of accuracy, micro F1, macro F1 and the first label's F1."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        at = rng.integers(0, len(truth), len(truth))
        s = scores(truth[at], given[at])
        drawn.append([s["accuracy"], s["micro_f1"], s["macro_f1"], s["f1"][0]])
    low, high = np.percentile(np.array(drawn, dtype=float), [2.5, 97.5], axis=0)
    return {"low": low.tolist(), "high": high.tolist()}


def case(name, truth, probability, given, one_label, with_bounds=True):
    labels = truth.shape[1]
    out = {
        "name": name,
        "one_label": one_label,
        "truth": [[int(l) for l in np.flatnonzero(row)] for row in truth],
        "probabilities": probability.tolist(),
        "given": [[int(l) for l in np.flatnonzero(row)] for row in given],
        **scores(truth, given),
        "average_precision": [
            float(average_precision_score(truth[:, l], probability[:, l])) if truth[:, l].any() else None
            for l in range(labels)
        ],
        "ece": [expected_calibration_error(truth[:, l], probability[:, l]) for l in range(labels)],
        "curves": [],
    }
    for l in range(labels):
        if truth[:, l].any():
            precision, recall, threshold = precision_recall_curve(truth[:, l], probability[:, l])
            # The last point, precision 1 at recall 0, has no threshold.
            out["curves"].append([list(map(float, p)) for p in zip(threshold, precision, recall)][::-1])
        else:
            out["curves"].append([])
    if one_label:
        out["confusion"] = confusion_matrix(truth.argmax(axis=1), given.argmax(axis=1), labels=range(labels)).tolist()
    else:
        out["multilabel_confusion"] = multilabel_confusion_matrix(truth, given).tolist()
    if with_bounds:
        out["bounds"] = bounds(truth, given, 7)
    return out


def one_label():
    rng = np.random.default_rng(1)
    n, labels = 400, 4
    classes = rng.choice(labels, n, p=[0.4, 0.3, 0.2, 0.1])
    logits = rng.normal(size=(n, labels)) + 2.0 * np.eye(labels)[classes]
    probability = np.round(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), 4)
    probability = np.where(np.isclose(probability * 10 % 1, 0), probability + 0.0001, probability)
    given = np.eye(labels, dtype=int)[probability.argmax(axis=1)]
    return case("one label", np.eye(labels, dtype=int)[classes], probability, given, True)


def several_labels():
    rng = np.random.default_rng(2)
    n, labels = 500, 3
    truth = (rng.random((n, labels)) < [0.3, 0.15, 0.05]).astype(int)
    logits = 1.4 * rng.normal(size=(n, labels)) + 3.0 * truth - 2.0
    probability = np.round(1 / (1 + np.exp(-logits)), 4)
    probability = np.where(np.isclose(probability * 10 % 1, 0), probability + 0.0001, probability)
    return case("several labels or none", truth, probability, (probability >= 0.4).astype(int), False)


def undefined():
    truth = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1]])
    probability = np.array([[0.91, 0.12, 0.07], [0.55, 0.31, 0.22], [0.43, 0.02, 0.11], [0.08, 0.05, 0.33]])
    return case("undefined", truth, probability, (probability >= 0.5).astype(int), False, with_bounds=False)


print(json.dumps({
    "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}; tests/golden/scikit_learn.py",
    "cases": [one_label(), several_labels(), undefined()],
}))
