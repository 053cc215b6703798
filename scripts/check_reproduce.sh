#!/bin/sh
# Does reproduce.R of the embedded study agree with the report? Run by `make reference`.
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
"$PYTHON" -m vertebrisk demo --out "$work" >/dev/null
data=$("$PYTHON" -c 'import vertebrisk, pathlib
print(pathlib.Path(vertebrisk.__file__).parent / "study/embedded/li2021/patients.csv")')
if Rscript --vanilla "$work/reproduce.R" "$data" >"$work/said"; then
    tail -n 1 "$work/said"
else
    cat "$work/said"
    exit 1
fi
