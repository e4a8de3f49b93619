"""RubriqueClassifier among scikit-learn's tools."""

import pickle

import numpy as np
import pandas
import pytest
import rubrique
from rubrique.sklearn import RubriqueClassifier
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer

QUICK = {"tune": False}


@pytest.fixture(scope="module")
def texts(corpus):
    return [f"{article['title']}\n{article['text']}" for article in corpus]


@pytest.fixture(scope="module")
def topics(corpus):
    """Each article's topics."""
    return [sorted(set(a["labels"].split(";")) - {"", "other", "autre"}) for a in corpus]


@pytest.fixture(scope="module")
def one(texts, topics):
    """Articles with a single topic, and it."""
    chosen = [(text, names[0]) for text, names in zip(texts, topics) if len(names) == 1]
    return [text for text, _ in chosen], np.array([name for _, name in chosen])


@pytest.fixture(scope="module")
def fitted(one):
    return RubriqueClassifier(**QUICK).fit(*one)


def test_defaults_are_the_librarys(fitted, one):
    settings = rubrique.train(*one, **QUICK).settings
    for name, value in RubriqueClassifier(**QUICK).get_params().items():
        expected = settings[name]
        if name == "targets":
            assert (value, expected) == ("f1", {"default": "f1", "by_topic": {}})
        else:
            assert value == expected, name


def test_one_class_an_article(fitted, one):
    texts, y = one
    model = rubrique.train(texts, [[name] for name in y], **QUICK)
    assert fitted.model_.to_bytes() == model.to_bytes()
    assert list(fitted.classes_) == model.labels
    probabilities = fitted.predict_proba(texts[:20])
    predictions = model.classify(texts[:20])
    assert probabilities.shape == (20, 3) and np.allclose(probabilities.sum(axis=1), 1.0)
    assert [dict(zip(fitted.classes_, row)) for row in probabilities] == [p.probabilities for p in predictions]
    assert list(fitted.predict(texts[:20])) == [p.topic for p in predictions]
    assert fitted.score(texts, y) > 0.9


def test_classes_of_any_kind(one):
    texts, y = one
    numbers = np.searchsorted(np.unique(y), y)
    expected = RubriqueClassifier(**QUICK).fit(texts, y).predict(texts[:30])
    for classes in ([10, 9, 2], ["other", "", "a;b"]):
        classes = np.array(classes)
        named = classes[numbers]
        predicted = RubriqueClassifier(**QUICK).fit(texts, named).predict(texts[:30])
        assert predicted.dtype == classes.dtype
        assert list(predicted) == list(classes[np.searchsorted(np.unique(y), expected)])


def test_any_number_of_topics(texts, topics):
    binarizer = MultiLabelBinarizer()
    y = binarizer.fit_transform(topics)
    classifier = RubriqueClassifier(**QUICK).fit(texts, y)
    model = rubrique.train(texts, topics, **QUICK)
    predictions = model.classify(texts)
    assert [list(names) for names in binarizer.inverse_transform(classifier.predict(texts))] == [sorted(p.topics) for p in predictions]
    probabilities = classifier.predict_proba(texts)
    assert np.array_equal(probabilities, [list(p.probabilities.values()) for p in predictions])
    assert f1_score(y, classifier.predict(texts), average="micro") > 0.9
    # The thresholds are the library's, not one half.
    recall = RubriqueClassifier(targets="recall=0.98", **QUICK).fit(texts, y)
    assert recall.predict(texts).sum() > classifier.predict(texts).sum()


def test_texts_of_which_nothing_can_be_said(fitted, one):
    _, y = one
    probabilities = fitted.predict_proba(["", None, "oui"])
    assert np.allclose(probabilities, np.unique(y, return_counts=True)[1] / len(y))
    assert set(fitted.predict(["", "oui"])) == {max(set(y), key=list(y).count)}


def test_containers_of_texts(fitted, one):
    texts, y = one
    expected = list(fitted.predict(texts))
    for container in (np.array(texts, dtype=object), np.array(texts), pandas.Series(texts), tuple(texts), iter(texts)):
        assert list(fitted.predict(container)) == expected
    for wrong in ("un texte", 7, np.zeros((2, 2)), pandas.DataFrame({"text": texts}), [1, 2]):
        with pytest.raises(ValueError):
            fitted.predict(wrong)
        with pytest.raises(ValueError):
            RubriqueClassifier(**QUICK).fit(wrong, y)
    with pytest.raises(ValueError, match="texts and"):
        RubriqueClassifier(**QUICK).fit(texts, y[1:])


def test_partial_fit_is_fit(fitted, one):
    texts, y = one
    classifier = RubriqueClassifier(**QUICK)
    for start, end in ((500, None), (0, 30), (30, 500)):
        classifier.partial_fit(texts[start:end], y[start:end], classes=np.unique(y))
    assert classifier.model_.to_bytes() == fitted.model_.to_bytes()
    assert classifier.counts_.to_bytes() == fitted.counts_.to_bytes()
    # And goes on where fit ended.
    going_on = RubriqueClassifier(**QUICK).fit(texts[:300], y[:300]).partial_fit(texts[300:], y[300:])
    assert going_on.model_.to_bytes() == fitted.model_.to_bytes()
    with pytest.raises(ValueError, match="classes that are not among"):
        classifier.partial_fit(["Un texte"], ["sport"])
    with pytest.raises(ValueError, match="not those of the first call"):
        classifier.partial_fit(["Un texte"], [y[0]], classes=["a", "b"])


def test_classes_that_no_text_has_yet(one):
    texts, y = one
    classifier = RubriqueClassifier(**QUICK).partial_fit(texts, y, classes=["sport", *np.unique(y)])
    assert classifier.predict_proba(texts[:5])[:, list(classifier.classes_).index("sport")].tolist() == [0.0] * 5


def test_pickles_go_through_bytes_that_are_checked(fitted, one):
    texts, _ = one
    pickled = pickle.dumps(fitted)
    again = pickle.loads(pickled)
    assert np.array_equal(again.predict_proba(texts[:50]), fitted.predict_proba(texts[:50]))
    for whole in (fitted.model_.to_bytes(), fitted.counts_.to_bytes()):
        assert whole in pickled
        altered = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
        with pytest.raises(rubrique.RubriqueError, match="altered"):
            pickle.loads(pickled.replace(whole, altered))


def test_parameters(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params() and not hasattr(copy, "classes_")
    copy.set_params(alpha=0.5, algorithm="multinomial")
    assert repr(copy) == "RubriqueClassifier(algorithm='multinomial', alpha=0.5, tune=False)"
    with pytest.raises(rubrique.RubriqueError, match="algorithm cannot be"):
        copy.set_params(algorithm="forest").fit(["un texte", "un autre"], ["a", "b"])


def test_pipelines_and_searches(one):
    texts, y = one
    upper = make_pipeline(FunctionTransformer(lambda texts: [text.replace("’", "'") for text in texts]), RubriqueClassifier(**QUICK))
    search = GridSearchCV(upper, {"rubriqueclassifier__alpha": np.logspace(-1, 0, 2), "rubriqueclassifier__min_df": np.array([3])}, cv=2)
    search.fit(texts, y)
    assert search.best_score_ > 0.8 and set(search.best_params_) == {"rubriqueclassifier__alpha", "rubriqueclassifier__min_df"}
    assert search.predict(texts[:3]).shape == (3,)
    frame = pandas.DataFrame({"text": texts})
    column = FunctionTransformer(lambda frame: frame["text"])
    assert make_pipeline(column, RubriqueClassifier(**QUICK)).fit(frame, y).score(frame, y) > 0.9


def test_cross_validation_in_other_processes(one):
    texts, y = one
    alone = cross_val_score(RubriqueClassifier(**QUICK), texts, y, cv=2)
    assert np.array_equal(cross_val_score(RubriqueClassifier(**QUICK), texts, y, cv=2, n_jobs=2), alone)


def test_inside_other_estimators(one):
    texts, y = one
    texts = np.array(texts, dtype=object)
    rest = OneVsRestClassifier(RubriqueClassifier(**QUICK)).fit(texts, y)
    assert rest.score(texts, y) > 0.9
    calibrated = CalibratedClassifierCV(RubriqueClassifier(**QUICK), cv=2).fit(texts, y)
    assert np.allclose(calibrated.predict_proba(texts[:9]).sum(axis=1), 1.0)
