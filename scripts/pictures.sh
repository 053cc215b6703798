#!/bin/sh
# Make the pictures of the documentation anew from the embedded study.
#
#     sh scripts/pictures.sh
#
# Needs the environment (`make demo`), and chromium for the picture of the report.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
    echo "vertebrisk: chromium was not found; install it with:  sudo apt-get install chromium" >&2
    exit 2
fi
PYTHON=${PYTHON:-.venv/bin/python}
"$PYTHON" -m vertebrisk demo --out "$work/demo" --formats svg >/dev/null
mkdir -p docs/images
shot() {
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --disable-background-networking --no-first-run --user-data-dir="$work/profile" \
        --force-device-scale-factor="$4" --window-size="$3" --screenshot="$2" "file://$1" >/dev/null 2>&1
}
shot "$work/demo/figures/nomogram.svg" "$work/nomogram.png" 660,400 2
shot "$work/demo/report.html" "$work/report.png" 1180,1240 1
"$PYTHON" -m vertebrisk calculator li2021 --out "$work/calculator.html" >/dev/null 2>&1
shot "$work/calculator.html#ivc=Yes&fascia_oedema=Yes&goutallier=2&cement_distribution=Spongy" \
    "$work/calculator.png" 1180,1240 1
# A palette of 64 colours loses nothing that is seen, and two thirds of the size.
"$PYTHON" - "$work" <<'PYTHON'
import sys
from pathlib import Path

from PIL import Image

for name in ("nomogram", "report", "calculator"):
    picture = Image.open(Path(sys.argv[1]) / f"{name}.png").convert("RGB")
    picture.quantize(64).save(Path("docs/images") / f"{name}.png", optimize=True)
PYTHON
