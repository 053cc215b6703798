#!/bin/sh
# Make the four lock files anew: exact versions with hashes, for every platform and Python.
# Needs uv (https://docs.astral.sh/uv); honours its settings for package indexes.
# With --upgrade every version moves to the newest that pyproject.toml allows.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null 2>&1 || {
    echo "lock: uv is not installed. Install it with: python3 -m pip install uv" >&2
    exit 2
}
compile() {
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}
compile --group build --output-file requirements.lock "$@"
compile --group build --extra all --extra dev --extra docs --constraint requirements.lock \
    --output-file requirements-dev.lock "$@"
compile --extra bench --constraint requirements-dev.lock \
    --output-file requirements-bench.lock "$@"
compile --group build --extra serve --constraint requirements-dev.lock \
    --output-file requirements-serve.lock "$@"
if grep -nE '^(--index|--extra-index|--find-links|--trusted)|file:|://' requirements*.lock; then
    echo "lock: the lines above tie the lock to one machine or index; remove them." >&2
    exit 1
fi
