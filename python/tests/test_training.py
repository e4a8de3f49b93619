"""Counting, training, merging and evaluating: the same bytes as the command line's."""

import json
import pickle
import random

import polars
import pyarrow as pa
import pytest
import rubrique

QUICK = {"tune": False}


@pytest.fixture(scope="module")
def table(corpus):
    return pa.Table.from_pylist(corpus)


@pytest.fixture(scope="module")
def quick(table):
    return rubrique.train(table, **QUICK)


def test_models_are_the_command_lines(quick, table, data, tmp_path, command):
    command("train", data / "corpus.csv", "--no-tune", "--model", tmp_path / "m", "--counts", tmp_path / "c")
    assert quick.to_bytes() == (tmp_path / "m").read_bytes()
    counts = rubrique.count(table, **QUICK)
    assert counts.to_bytes() == (tmp_path / "c").read_bytes()
    assert rubrique.Counts.load(tmp_path / "c").train(**QUICK).digest == quick.digest
    options = ["--no-tune", "--algorithm", "complement", "--alpha", "0.3", "--min-articles", "3", "--target", "recall=0.9", "--zones", "3-2-1"]
    options += ["--priors", "0.1,0.2,0.1", "--stop-words", "none", "--ngrams", "2", "--views", "words"]
    command("train", data / "corpus.csv", *options, "--model", tmp_path / "m2")
    other = rubrique.train(
        table, tune=False, algorithm="complement", alpha=0.3, min_df=3, targets="recall=0.9", zones=[3, 2, 1],
        priors=[0.1, 0.2, 0.1], stop_words="none", word_ngrams=2, views=["words"],
    )  # fmt: skip
    assert other.to_bytes() == (tmp_path / "m2").read_bytes()


def test_labels_may_stand_beside_the_articles(table, corpus):
    whole = rubrique.count(table, **QUICK).to_bytes()
    without = table.drop_columns(["labels"])
    cells = [article["labels"] for article in corpus]
    names = [[name for name in cell.split(";") if name not in ("", "other", "autre")] for cell in cells]
    for labels in (cells, names, pa.array(cells), polars.Series(cells), pa.array(names)):
        assert rubrique.count(without, labels, **QUICK).to_bytes() == whole
    listed = table.set_column(table.column_names.index("labels"), "labels", pa.array(names))
    assert rubrique.count(listed, **QUICK).to_bytes() == whole
    texts = [article["text"] for article in corpus]
    of_texts = rubrique.count(texts, cells, **QUICK).to_bytes()
    assert of_texts == rubrique.count(pa.array(texts), cells, **QUICK).to_bytes() != whole


def test_parts_merged_are_the_whole(quick, table):
    rows = list(range(len(table)))
    random.Random(7).shuffle(rows)
    parts = [rubrique.count(table.take(rows[at::3]), **QUICK) for at in range(3)]
    merged = parts[2].merge(parts[0]).merge(pickle.loads(pickle.dumps(parts[1])))
    whole = rubrique.count(table, **QUICK)
    assert len(merged) == len(whole) == len(table)
    assert merged.labels == whole.labels and merged.label_counts == whole.label_counts
    assert merged.to_bytes() == whole.to_bytes()
    assert merged.train(**QUICK).to_bytes() == quick.to_bytes()
    with pytest.raises(rubrique.RubriqueError, match="min_length"):
        whole.merge(rubrique.count(table, min_length=3, **QUICK))


def test_what_cannot_be_counted_is_told():
    texts = pa.array([b"Un texte assez long pour compter.", b"\xff\xfe", b" "], pa.binary())
    counts = rubrique.count(texts, ["a", "b", "c"])
    assert len(counts) == 1 and counts.skipped == {"unreadable": 1, "empty": 1}
    assert counts.labels == ["a"]


def test_settings_go_by_their_names(table):
    with pytest.raises(TypeError, match='there is no setting "alpah"; there are accents, accept_accuracy, algorithm, alpha,'):
        rubrique.train(table, alpah=1.0)
    for wrong in ({"algorithm": "forest"}, {"alpha": "much"}, {"targets": "f2"}, {"zones": [1]}, {"topic_terms": 3}, {"seed": -1}):
        with pytest.raises(rubrique.RubriqueError, match=next(iter(wrong)) + "|" + str(next(iter(wrong.values())))):
            rubrique.train(table, **wrong)
    with pytest.raises(rubrique.RubriqueError, match="alpha is -1; it must be a number above 0"):
        rubrique.train(table, alpha=-1.0)
    model = rubrique.train(table, topic_terms={"cycling": ["peloton", "maillot jaune"], "tennis": {"raquette": 3}}, **QUICK)
    assert model.labels == ["cycling", "diplomacy", "money_laundering", "tennis", "terrorism"]
    assert model.settings["tune"] is False and model.settings["topic_terms"]["tennis"] == {"raquette": 3}


def test_what_is_missing_is_told(table):
    with pytest.raises(rubrique.RubriqueError, match="text or their labels"):
        rubrique.train(table.drop_columns(["labels"]))
    with pytest.raises(rubrique.RubriqueError, match="texts alone have no labels"):
        rubrique.train(["un texte"])
    with pytest.raises(TypeError, match=r"try: \[label\]"):
        rubrique.train(["un texte"], "a")
    assert len(rubrique.count((f"le texte {n}" for n in "abc"), ([n] for n in "xyz"))) == 3
    with pytest.raises(rubrique.RubriqueError, match="2 articles and 1 labels"):
        rubrique.train(["un texte", "un autre"], ["a"])
    with pytest.raises(rubrique.RubriqueError):
        rubrique.train(["un texte", "un autre"], ["a", "a"])


def test_hints_name_keywords(table):
    """The library's messages name options of the command line, which nobody has here."""
    wanted = {
        "min_df=": lambda: rubrique.train(table, min_df=10**6, **QUICK),
        "label=": lambda: rubrique.train(["un texte", "un autre"], ["a", "a"]),
        "targets=": lambda: rubrique.train(["un texte", "un autre"], ["a", "b"], targets="recall=0.9", **QUICK),
        "rubrique.count": lambda: rubrique.count(table, **QUICK).merge(rubrique.count(table, min_length=3, **QUICK)),
    }
    for keyword, refused in wanted.items():
        with pytest.raises(rubrique.RubriqueError) as raised:
            refused()
        assert keyword in raised.value.hint and raised.value.hint in str(raised.value)
        assert "--" not in str(raised.value)


def test_evaluations_are_the_command_lines(quick, table, data, tmp_path, command):
    quick.save(tmp_path / "m")
    command("evaluate", data / "corpus.csv", "--model", tmp_path / "m", "--report", tmp_path / "r")
    expected = json.loads((tmp_path / "r" / "metrics.json").read_text())
    report = rubrique.evaluate(table, model=quick)
    for document in (expected, report):
        del document["setup"]
    assert report == expected
    folded = rubrique.evaluate(table, cross_validate=2, **QUICK)
    assert folded["articles"] == len(table) and folded["setup"]["folds"] == 2
    assert 0.5 < folded["micro_f1"] < report["micro_f1"]
    for wrong in ({}, {"model": quick, "cross_validate": 2}, {"model": quick, "tune": False}):
        with pytest.raises(rubrique.RubriqueError):
            rubrique.evaluate(table, **wrong)
