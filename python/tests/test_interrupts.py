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
def many(corpus):
    table = pa.Table.from_pylist(corpus)
    return pa.concat_tables([table] * TIMES)


CALLS = {
    "classify": lambda many: rubrique.Model.press().classify(many, explain=3),
    "classify a list": lambda many: rubrique.Model.press().classify(many["text"].to_pylist() * 4),
    "count": lambda many: rubrique.count(many),
    "train": lambda many: rubrique.train(many.slice(0, 20_000)),
    "evaluate": lambda many: rubrique.evaluate(many, model=rubrique.Model.press()),
    "cross-validate": lambda many: rubrique.evaluate(many.slice(0, 5_000), cross_validate=5),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_interrupt_ends_the_call_and_the_work(call, many):
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(1.0, interrupt)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            CALLS[call](many)
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
