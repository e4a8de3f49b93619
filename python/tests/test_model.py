"""Models, lists of texts, explanations and errors."""

import pickle
import threading

import pytest
import rubrique

TERROR = (
    "Attentat déjoué : trois djihadistes présumés mis en examen. La cellule terroriste préparait une attaque à l'explosif, selon le "
    "parquet national antiterroriste."
)


@pytest.fixture(scope="module")
def press():
    return rubrique.Model.press()


def test_a_list_of_texts_gives_a_list_of_predictions(press):
    terror, empty, missing, english = press.classify(
        [TERROR, "  ", None, "The president said on Monday that both of the countries would sign the agreement next week in London, and that it was time to leave." * 3]
    )
    assert terror.topics == ["terrorism"] and terror.topic == "terrorism"
    assert terror.status == "ok" and terror.decision in ("accept", "review")
    assert list(terror.probabilities) == press.labels
    assert all(0.0 <= p <= 1.0 for p in terror.probabilities.values())
    assert 0.0 < terror.confidence <= 1.0 and "terrorism" in terror.possible
    for nothing, status in ((empty, "empty"), (missing, "empty"), (english, "not_french")):
        assert (nothing.status, nothing.topics, nothing.topic) == (status, [], "other")
        assert nothing.confidence is None and nothing.probabilities is None and nothing.possible is None
        assert nothing.decision == "review"
    assert press.classify([]) == []
    assert press.classify([TERROR])[0] == terror
    assert "terrorism" in repr(terror)


def test_a_single_text_is_no_list(press):
    with pytest.raises(TypeError, match=r"try: \[text\]"):
        press.classify(TERROR)
    with pytest.raises(TypeError, match="a text is a int"):
        press.classify([TERROR, 7])
    with pytest.raises(TypeError, match="a dict is neither a list nor a table"):
        press.classify({"text": [TERROR]})
    with pytest.raises(TypeError):
        press.classify(7)


def test_a_model_says_what_it_is(press):
    assert press.labels == ["diplomacy", "money_laundering", "terrorism"]
    assert press.task == "any_labels"
    assert press.settings["seed"] == 42 and press.settings["min_df"] >= 2
    assert press.card["articles"] > 500
    assert repr(press) == "Model(any_labels: diplomacy, money_laundering, terrorism)"


def test_bytes_files_and_pickles_are_the_model(press, tmp_path, data):
    path = tmp_path / "m.rubrique"
    press.save(path)
    again = rubrique.Model.load(path)
    assert again.digest == press.digest and path.read_bytes() == press.to_bytes()
    shipped = data.parent / "models" / "presse-fr.rubrique"
    assert shipped.read_bytes() == press.to_bytes()
    pickled = pickle.loads(pickle.dumps(press))
    assert pickled.digest == press.digest
    assert pickled.classify([TERROR]) == press.classify([TERROR])


def test_altered_bytes_are_refused(press):
    whole = press.to_bytes()
    altered = bytearray(whole)
    altered[len(altered) // 2] ^= 1
    for wrong in (b"", b"rubrique", whole[:-1], bytes(altered), whole + b"x", b"%PDF" + whole):
        with pytest.raises(rubrique.RubriqueError) as raised:
            rubrique.Model.from_bytes(wrong)
        assert raised.value.file == "bytes" and raised.value.hint
    with pytest.raises(rubrique.RubriqueError, match="altered"):
        pickle.loads(pickle.dumps(press).replace(whole, bytes(altered)))


def test_errors_say_where_and_what_to_try(tmp_path):
    with pytest.raises(rubrique.RubriqueError, match="there is no such file") as raised:
        rubrique.Model.load(tmp_path / "none.rubrique")
    error = raised.value
    assert error.file == str(tmp_path / "none.rubrique") and error.hint == "another path"
    assert (error.record, error.line, error.column) == (None, None, None)
    assert isinstance(error, ValueError)


def test_an_explanation_adds_up(press):
    explained = press.explain(TERROR, title="Un attentat")
    assert explained["status"] == "ok"
    assert [topic["topic"] for topic in explained["topics"] if topic["given"]] == ["terrorism"]
    for topic in explained["topics"]:
        total = topic["offset"] + sum(term["value"] for term in topic["terms"])
        assert total == pytest.approx(topic["score"], abs=1e-9)
    assert press.explain("") == {"status": "empty", "topics": []}


def test_threads_may_share_a_model(press, articles):
    texts = [article["text"] for article in articles]
    expected, got = press.classify(texts), {}

    def work(number):
        got[number] = press.classify(texts)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(got[number] == expected for number in range(4))


def test_the_number_of_threads_changes_nothing(press, articles):
    texts = [article["text"] for article in articles] * 8
    expected = press.classify(texts)
    try:
        for threads in (1, 3):
            rubrique.set_threads(threads)
            assert press.classify(texts) == expected
    finally:
        rubrique.set_threads()
    with pytest.raises(ValueError):
        rubrique.set_threads(0)


def test_a_forked_child_has_threads_of_its_own(press):
    import multiprocessing

    press.classify([TERROR])
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=lambda: queue.put(press.classify([TERROR] * 100)[0].topics))
    child.start()
    assert queue.get(timeout=60) == ["terrorism"]
    child.join(timeout=60)
    assert child.exitcode == 0
