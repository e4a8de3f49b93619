"""What `compare` times beside rubrique, each in a process of its own: `python peers.py WHAT FILE MODEL`. The last line printed is the time
in seconds of the work alone, without starting Python or loading the model."""

import re
import sys
import time

import corpora


def vw_train(path, model):
    from vowpalwabbit import Workspace

    start = time.perf_counter()
    Workspace(f"-d {path} --multilabel_oaa {len(corpora.TOPICS)} -f {model} --quiet").finish()
    return time.perf_counter() - start


def vw_predict(path, model):
    from vowpalwabbit import Workspace

    start = time.perf_counter()
    Workspace(f"-d {path} -t -i {model} -p {model}.predictions --quiet").finish()
    return time.perf_counter() - start


def fasttext_train(path, model):
    import fasttext

    start = time.perf_counter()
    fasttext.train_supervised(str(path), thread=2, verbose=0).save_model(str(model))
    return time.perf_counter() - start


def fasttext_predict(path, model):
    import fasttext

    loaded = fasttext.load_model(str(model))
    lines = open(path, encoding="utf-8").read().splitlines()
    start = time.perf_counter()
    loaded.predict(lines)
    return time.perf_counter() - start


def french_analyzer():
    """Words without elided articles and stop words, stemmed; stems are remembered by word."""
    import Stemmer

    stemmer = Stemmer.Stemmer("french", 0)
    stems = {}
    token = re.compile(r"(?:\b(?:[cdjlmnst]|qu|lorsqu|puisqu|jusqu)['\u2019])?([^\W\d_]{2,})", re.IGNORECASE)
    stop = set(
        "au aux avec ce ces cette dans de des du elle elles en est et eux il ils je la le les leur leurs lui ma mais me mes moi mon ne nos notre "
        "nous on ont ou par pas pour qu que qui sa se ses son sont sur ta te tes toi ton tu un une vos votre vous été être avoir a à y".split()
    )

    def analyze(text):
        out = []
        for word in token.findall(text.lower()):
            stem = stems.get(word)
            if stem is None:
                stem = stems[word] = "" if word in stop else stemmer.stemWord(word)
            if stem:
                out.append(stem)
        return out

    return analyze


def sklearn_train(path, model):
    import pickle

    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    start = time.perf_counter()
    texts, topics = zip(*corpora.read(path))
    truth = [[int(t in given) for t in corpora.TOPICS] for given in topics]
    import numpy

    vectorizer = CountVectorizer(analyzer=french_analyzer(), min_df=2)
    pipeline = make_pipeline(vectorizer, OneVsRestClassifier(MultinomialNB()))
    pipeline.fit(texts, numpy.array(truth))
    elapsed = time.perf_counter() - start
    vectorizer.analyzer = "word"  # a closure cannot be pickled; it is made anew
    with open(model, "wb") as file:
        pickle.dump(pipeline, file)
    return elapsed


def sklearn_predict(path, model):
    import csv
    import pickle

    with open(model, "rb") as file:
        pipeline = pickle.load(file)
    pipeline[0].analyzer = french_analyzer()
    start = time.perf_counter()
    texts = [text for text, _ in corpora.read(path)]
    probabilities = pipeline.predict_proba(texts)
    with open(f"{model}.csv", "w", newline="") as file:
        csv.writer(file).writerows(probabilities.tolist())
    return time.perf_counter() - start


if __name__ == "__main__":
    what, path, model = sys.argv[1:]
    print(globals()[what](path, model))
