"""Corpora of any size for `compare`: the project's own articles and, where they lie beside the project, newspaper articles, over and over."""

import csv
import gzip
import json
import re
from itertools import count
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PRESS = PROJECT.parent / "shared" / "data" / "press-fr"
TOPICS = ["diplomacy", "money_laundering", "terrorism"]
HEADER = ["id", "date", "title", "text", "labels"]
WORDS = re.compile(r"[^\W_]+")


def labelled():
    """Articles with labels: (date, title, text, labels)."""
    paths = [PROJECT / "data" / "corpus.csv", PRESS / "labelled.csv"]
    for path in filter(Path.exists, paths):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["date"], row["title"], row["text"], row["labels"]


def unlabelled():
    """Articles without labels, of every subject."""
    path = PRESS / "unlabelled.jsonl.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                yield row["date"], row["title"], row["text"], ""


def all():
    """Articles with and without labels."""
    yield from labelled()
    yield from unlabelled()


def sources():
    """What the corpora were made of, for the table."""
    return "data/corpus.csv and press-fr" if PRESS.exists() else "data/corpus.csv alone"


def write(path, articles, size, change=lambda round, article: article):
    """Writes articles as CSV, again and again under new ids, until `size` bytes; `change` may make others of them in every round."""
    articles = list(articles)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        number = 0
        for round in count():
            for article in articles:
                writer.writerow([f"a{number}", *change(round, article)])
                number += 1
                if number % 100 == 0 and file.tell() >= size:
                    return


def typographic(_, article):
    """The article with the apostrophe that newspapers print."""
    date, title, text, labels = article
    return date, title.replace("'", "\u2019"), text.replace("'", "\u2019"), labels


def read(path):
    """(text, topics) of each article of a CSV that `write` made."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            topics = [t for t in row["labels"].split(";") if t in TOPICS]
            yield f"{row['title']} {row['text']}", topics


def words(text):
    """Lower-case words on one line: what the tools that know neither CSV nor French are given."""
    return " ".join(WORDS.findall(text.lower()))


def write_vowpal_wabbit(path, source):
    """The articles of a CSV as lines of Vowpal Wabbit, with a set of topics each."""
    with open(path, "w", encoding="utf-8") as file:
        for text, topics in read(source):
            file.write(f"{','.join(str(TOPICS.index(t)) for t in topics)} | {words(text)}\n")


def write_fasttext(path, source):
    """The articles of a CSV as lines of fastText."""
    with open(path, "w", encoding="utf-8") as file:
        for text, topics in read(source):
            labels = " ".join(f"__label__{t}" for t in topics or ["other"])
            file.write(f"{labels} {words(text)}\n")


def with_topics(topics):
    """A change that gives every article one of so many topics, and a few words that only its topic has."""

    def change(round, article):
        date, title, text, _ = article
        topic = (round * 7919 + len(text) * 31 + len(title)) % topics
        mark = " ".join(f"{invented(topic * 8 + i)}" for i in range(8))
        return date, title, f"{text} {mark}", f"sujet{topic}"

    return change


def with_vocabulary(terms):
    """A change that adds words to every article, out of as many invented ones."""
    state = [1]

    def change(_, article):
        date, title, text, labels = article
        added = []
        for _ in range(100):
            state[0] = (state[0] * 6364136223846793005 + 1442695040888963407) % 2**64
            added.append(invented((state[0] >> 33) % terms))
        return date, title, f"{text} {' '.join(added)}", labels

    return change


def invented(number):
    """A word for a number; no two numbers have the same, nor the same stem (all end alike)."""
    syllables = [c + v for c in "bcdfgjklmnprtvz" for v in "aou"]
    word = ""
    for _ in range(5):
        number, last = divmod(number, len(syllables))
        word += syllables[last]
    return word + "k"
