"""Ctrl-C ends a call, and the work behind it."""

import os
import signal
import threading
import time

import pyarrow as pa
import pytest
import rubrique

# The project's labelled articles so many times over: seconds of work for everything below.
TIMES = 300


@pytest.fixture(scope="module")
def data_of(corpus):
    """What the calls are given."""
    many = pa.concat_tables([pa.Table.from_pylist(corpus)] * TIMES)
    texts = [article["text"] for article in corpus] * 2 * TIMES
    return {"table": many, "list": texts, "counts": rubrique.count(many.slice(0, 10_000))}


CALLS = {
    "classify": lambda of: rubrique.Model.press().classify(of["table"], explain=3),
    "classify a list": lambda of: rubrique.Model.press().classify(of["list"]),
    "count": lambda of: rubrique.count(of["table"]),
    "train": lambda of: rubrique.train(of["table"].slice(0, 20_000)),
    "train on counts": lambda of: of["counts"].train(),
    "evaluate": lambda of: rubrique.evaluate(of["table"], model=rubrique.Model.press()),
    "cross-validate": lambda of: rubrique.evaluate(of["table"].slice(0, 5_000), cross_validate=5),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_interrupt_ends_the_call_and_the_work(call, data_of):
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.5, interrupt)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            CALLS[call](data_of)
    finally:
        timer.cancel()
    assert time.monotonic() - sent[0] < 1.0
    # What was begun is brought to an end, soon, and nothing else.
    deadline = time.monotonic() + 20
    while busy() > 0.5:
        assert time.monotonic() < deadline, "the work goes on"
    assert rubrique.Model.press().classify(["Un texte"])[0].status == "too_short"


def busy():
    """Processor time of this process a second, while this thread sleeps."""
    before = time.process_time()
    time.sleep(0.2)
    return (time.process_time() - before) / 0.2
