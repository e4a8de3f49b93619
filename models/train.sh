#!/usr/bin/env bash
# Trains the ready press model: on this project's own corpus, and on the labelled press articles beside the
# project where that folder is at hand (they are not part of it). The same inputs give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

inputs=(data/corpus.csv)
press=../shared/data/press-fr/labelled.csv
if [ -f "$press" ]; then
  inputs+=("$press")
else
  echo "note: $press is not here; training on data/corpus.csv alone" >&2
fi
out=${1:-models/presse-fr.rubrique}
cargo run --release --quiet -- train "${inputs[@]}" --topic-terms models/presse-fr.topics.toml --model "$out"
