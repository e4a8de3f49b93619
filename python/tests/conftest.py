"""What the tests share."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--on-demand", action="store_true", help="also run tests that take minutes")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--on-demand"):
        return
    for item in items:
        if "on_demand" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes: --on-demand runs it"))


@pytest.fixture(scope="session")
def data():
    """The folder with the project's articles."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def corpus(data):
    """The labelled articles: a list of dictionaries of strings."""
    with open(data / "corpus.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def articles(data):
    """The sample articles without labels."""
    with open(data / "articles.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def binary():
    """The command line, which $RUBRIQUE names or which stands where cargo puts it."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = os.environ.get("RUBRIQUE") or shutil.which(target / "release" / "rubrique")
    if not binary:
        pytest.skip("there is no target/release/rubrique: cargo build --release")
    return binary


@pytest.fixture(scope="session")
def command(binary):
    """Runs the command line; its exit status may be one of findings."""

    def run(*arguments, **kwargs):
        done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, **kwargs)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    return run
