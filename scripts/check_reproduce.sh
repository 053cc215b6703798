#!/bin/sh
# Does reproduce.R agree with the report? Run by `make reference`: once for the embedded study as it
# is, once with controls drawn from it.
#
#     sh scripts/check_reproduce.sh
#
# Needs the environment (`make demo`), Rscript, and the R packages rms and pROC.
set -eu
cd "$(dirname "$0")/.."
if ! command -v Rscript >/dev/null 2>&1; then
    echo "vertebrisk: Rscript was not found; install it with:" >&2
    echo "  sudo apt-get install r-base-core r-cran-rms r-cran-proc" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHON=${PYTHON:-.venv/bin/python}
embedded=$("$PYTHON" -c 'import vertebrisk, pathlib
print(pathlib.Path(vertebrisk.__file__).parent / "studies/li2021")')

# check FOLDER: the script of a run, beside the data
check() {
    if Rscript --vanilla "$1/reproduce.R" "$embedded/patients.csv" >"$work/said"; then
        printf '%s: ' "$2"
        tail -n 1 "$work/said"
    else
        cat "$work/said"
        exit 1
    fi
}

"$PYTHON" -m vertebrisk demo --out "$work/cohort" >/dev/null
check "$work/cohort" "cohort"

mkdir "$work/controls"
cp "$embedded"/* "$work/controls"
{
    sed -e 's/^design = .*/design = "case-control"/' -e '/^printed = /d' "$embedded/protocol.toml"
    printf '\n[sampling]\ncontrols_per_case = 2\nseed = 1\n'
} >"$work/controls/protocol.toml"
"$PYTHON" -m vertebrisk run "$work/controls/protocol.toml" --out "$work/sampled" >/dev/null || [ $? -eq 1 ]
check "$work/sampled" "sampled controls"
