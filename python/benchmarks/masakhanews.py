"""RubriqueClassifier beside TF-IDF with logistic regression, on the same folds: python/benchmarks/masakhanews.py [FOLDER].

MasakhaNEWS French: short news of the BBC in five categories. FOLDER holds train.tsv and dev.tsv (default: ../shared/data/masakhanews-fra beside the
project). Prints one line a classifier: the mean of each score over the folds, with its standard deviation, and the seconds that all folds took.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas
from rubrique.sklearn import RubriqueClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline

CLASSIFIERS = {
    "RubriqueClassifier()": RubriqueClassifier(),
    "RubriqueClassifier(tune=False)": RubriqueClassifier(tune=False),
    "TfidfVectorizer() + LogisticRegression()": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
    "TfidfVectorizer(sublinear_tf=True) + LogisticRegression(C=10, class_weight='balanced')": make_pipeline(
        TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    ),
}
SCORES = {"accuracy": "accuracy", "macro F1": "f1_macro", "log loss": "neg_log_loss"}


def main(folder):
    parts = [pandas.read_csv(folder / name, sep="\t") for name in ("train.tsv", "dev.tsv")]
    articles = pandas.concat(parts, ignore_index=True)
    texts = (articles["headline"].fillna("") + "\n" + articles["text"].fillna("")).to_numpy(dtype=object)
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    print(f"{len(texts)} articles, {articles['category'].nunique()} categories, 5 folds")
    for name, classifier in CLASSIFIERS.items():
        started = time.perf_counter()
        scores = cross_validate(classifier, texts, articles["category"], cv=folds, scoring=SCORES)
        seconds = time.perf_counter() - started
        told = [f"{label} {np.abs(scores[f'test_{label}']).mean():.3f} ± {scores[f'test_{label}'].std():.3f}" for label in SCORES]
        print(f"{name}: {', '.join(told)}; {seconds:.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[3] / "shared/data/masakhanews-fra")
