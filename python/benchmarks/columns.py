"""Parquet and Arrow IPC on the command line beside CSV: python/benchmarks/columns.py ARTICLES.csv RUBRIQUE.

ARTICLES.csv is what `benches/compare` makes (200 MB unless told otherwise); RUBRIQUE is a release build with the feature `arrow`. The same articles, and the first tenth of
them, are classified from and to every format, on `--threads` threads (2) with the press model. All take turns, `--runs` times (5). The table that is printed (Markdown) is what
benches/README.md quotes: rates count the bytes of the CSV, memory is the most that was resident. The topics must be the same.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

MB = 1_000_000
# Rows of a row group of the input, about 25 MB of text.
ROW_GROUP = 10_000
WORKS = [("csv", "csv"), ("csv", "parquet"), ("parquet", "csv"), ("parquet", "parquet"), ("arrow", "arrow")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES.csv")
    parser.add_argument("rubrique", type=Path, metavar="RUBRIQUE")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    options.rubrique = options.rubrique.resolve()
    with tempfile.TemporaryDirectory(prefix="rubrique-columns-") as folder:
        folder = Path(folder)
        # In a process of its own: what a child is said to have used at most counts what its parent used before.
        run_apart(make, options.articles, folder)
        works = [(part, *work) for part in ("tenth", "whole") for work in WORKS]
        measured = {work: [] for work in works}
        for run in range(options.runs + 1):
            for work in works:
                result = classify(options, folder, *work)
                # The first run warms the disk's cache.
                if run > 0:
                    measured[work].append(result)
        run_apart(compare, folder)
        print(f"{options.threads} threads, medians of {options.runs}\n")
        print("| from | to | MB of CSV | MB read | MB written | seconds (least–most) | MB/s | memory, MB |")
        print("|---|---|---|---|---|---|---|---|")
        for (part, source, target), results in measured.items():
            seconds = [s for s, _ in results]
            median, megabytes = statistics.median(seconds), size(folder / f"{part}.csv")
            read, written = size(folder / f"{part}.{source}"), size(output(folder, part, source, target))
            memory = max(m for _, m in results)
            spread = f"{median:.2f} ({min(seconds):.2f}–{max(seconds):.2f})"
            print(f"| {source} | {target} | {megabytes:.0f} | {read:.0f} | {written:.0f} | {spread} | {megabytes / median:.0f} | {memory:.0f} |")


def run_apart(work, *arguments):
    child = os.fork()
    if child == 0:
        work(*arguments)
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{work.__name__} failed")


def make(articles, folder):
    whole = read_csv(articles)
    for name, table in (("tenth", whole.slice(0, len(whole) // 10)), ("whole", whole)):
        table = table.combine_chunks()
        pa.parquet.write_table(table, folder / f"{name}.parquet", row_group_size=ROW_GROUP, compression="zstd")
        pa.feather.write_feather(table, folder / f"{name}.arrow", compression="uncompressed", chunksize=ROW_GROUP)
        pa.csv.write_csv(table, folder / f"{name}.csv")


def read_csv(path):
    return pa.csv.read_csv(path, parse_options=pa.csv.ParseOptions(newlines_in_values=True))


def output(folder, part, source, target):
    return folder / f"{part}-of-{source}.{target}"


def classify(options, folder, part, source, target):
    """Seconds, and MB of memory at most."""
    command = [options.rubrique, "classify", folder / f"{part}.{source}", "--output", output(folder, part, source, target)]
    command += ["--threads", str(options.threads), "--quiet"]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{command} failed")
    return seconds, usage.ru_maxrss * 1024 / MB


def compare(folder):
    def topics(path):
        match path.suffix:
            case ".csv":
                return read_csv(path)["topic"].to_pylist()
            case ".parquet":
                return pa.parquet.read_table(path)["topic"].to_pylist()
            case _:
                return pa.feather.read_table(path)["topic"].to_pylist()

    for part in ("tenth", "whole"):
        of_csv, *others = (topics(output(folder, part, *work)) for work in WORKS)
        if any(other != of_csv for other in others):
            raise SystemExit("the topics are not the same")


def size(path):
    return path.stat().st_size / MB


if __name__ == "__main__":
    main()
