"""Tables through Python beside the command line on the same articles: python/benchmarks/throughput.py ARTICLES.csv [RUBRIQUE].

ARTICLES.csv has columns `id`, `date`, `title`, `text` and `labels`, as `benches/compare` makes it (200 MB unless told otherwise, in its scratch folder);
RUBRIQUE is the command line (default: target/release/rubrique). Both work on `--threads` threads (2) with the press model. All take turns, `--runs` times (5), so
that a busy moment of the machine meets all of them; the results must be the same. The table that is printed (Markdown) is what python/README.md quotes. Rates
count the bytes of the CSV. The command line reads CSV and writes CSV; frames of Python are in memory before and after, but where a row says otherwise.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import pandas
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import rubrique

MB = 1_000_000
TARGET = Path(__file__).resolve().parents[2] / "target"


def main():
    options = arguments()
    rubrique.set_threads(options.threads)
    with tempfile.TemporaryDirectory(prefix="rubrique-throughput-") as folder:
        works, topics = works_of(options, Path(folder))
        measured = {name: [] for name in works}
        for run in range(options.runs + 1):
            for name, work in works.items():
                start = time.perf_counter()
                results = work()
                elapsed = time.perf_counter() - start
                # The first run warms the disk's cache, and is the one that is looked at.
                if run > 0:
                    measured[name].append(elapsed)
                elif topics(results) != topics(works["command line"]()):
                    raise SystemExit(f"{name}: the results are not the command line's")
                del results
    table(options, measured)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES.csv")
    parser.add_argument("rubrique", type=Path, nargs="?", default=TARGET / "release" / "rubrique")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def works_of(options, folder):
    """What is timed, by name, each without arguments; and how the topics of its results are read, to compare them."""
    model = rubrique.Model.press()
    as_read = read(options.articles)
    one_chunk = as_read.combine_chunks()
    frame = as_read.to_pandas()
    objects = frame.astype(object)
    columns = polars.from_arrow(as_read)
    texts = as_read["text"].to_pylist()
    out, parquet = folder / "out.csv", folder / "out.parquet"
    command = [options.rubrique.resolve(), "classify", options.articles, "--threads", str(options.threads), "--quiet", "--output", out]

    def command_line():
        # Exit status 1 tells of articles that could not be classified.
        if subprocess.run(command).returncode not in (0, 1):
            raise SystemExit(f"{options.rubrique} failed")
        return out

    def files():
        pyarrow.parquet.write_table(model.classify(read(options.articles)).to_pyarrow(), parquet)
        return parquet

    works = {
        "command line": command_line,
        "pyarrow table of one chunk, to a pyarrow table": lambda: model.classify(one_chunk).to_pyarrow(),
        "pyarrow table as `pyarrow.csv` reads it, to a pyarrow table": lambda: model.classify(as_read).to_pyarrow(),
        "pandas frame, to a pandas frame": lambda: model.classify(frame).to_pandas(),
        "pandas frame of Python objects, to a pandas frame": lambda: model.classify(objects).to_pandas(),
        "Polars frame, to a Polars frame": lambda: model.classify(columns).to_polars(),
        "list of strings, to a list of predictions": lambda: model.classify(texts),
        "CSV by `pyarrow.csv`, classified, to Parquet by `pyarrow.parquet`": files,
    }
    def topics(results):
        match results:
            case Path(suffix=".csv"):
                return read(results)["topic"].to_pylist()
            case Path():
                return pyarrow.parquet.read_table(results)["topic"].to_pylist()
            case pa.Table():
                return results["topic"].to_pylist()
            case pandas.DataFrame():
                return results["topic"].tolist()
            case polars.DataFrame():
                return results["topic"].to_list()
            case _:
                # Texts alone have no titles, which matter: nothing to compare with but their number.
                return read(out)["topic"].to_pylist() if len(results) == len(as_read) else []

    return works, topics


def read(path):
    return pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))


def table(options, measured):
    size = options.articles.stat().st_size / MB
    base = statistics.median(measured["command line"])
    print(f"{size:.0f} MB, {options.threads} threads, medians of {options.runs}\n")
    print("| what | seconds (least–most) | MB/s | share of the command line's |")
    print("|---|---|---|---|")
    for name, seconds in measured.items():
        median = statistics.median(seconds)
        print(f"| {name} | {median:.2f} ({min(seconds):.2f}–{max(seconds):.2f}) | {size / median:.0f} | {base / median:.0%} |")


if __name__ == "__main__":
    main()
