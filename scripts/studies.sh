#!/bin/sh
# Makes the embedded studies anew: each cohort from its paper, and the page that compares a run of
# its protocol with the print. Usage: PYTHON=python sh scripts/studies.sh [study ...]
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
folder=src/vertebrisk/studies
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for study in ${*:-li2021 chen2025 anonymous2020 anonymous2021 anonymous2024}; do
    seed=$(sed -n 's/^seed = \([0-9]*\).*/\1/p' "$folder/$study/protocol.toml")
    "$python" -m vertebrisk reconstruct "$study" --out "$folder/$study/patients.csv" --seed "$seed" >/dev/null
    "$python" -m vertebrisk demo --study "$study" --out "$work/$study" >/dev/null
    cp "$work/$study/replication.md" "$folder/$study/replication.md"
    echo "$study: $(sed -n '/^Of /p' "$folder/$study/replication.md" | head -1)"
done
