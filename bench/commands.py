"""Import, help and demo, each in a process of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from timings import Measured, program, repeated


def measure() -> Measured:
    found = Measured()
    program("-c", "import vertebrisk")()
    found.add(repeated("python -c 'pass' (the interpreter alone)", program("-c", "pass"), 5, None))
    found.add(repeated("import vertebrisk", program("-c", "import vertebrisk"), 5, 0.3))
    found.add(repeated("vertebrisk --help", program("-m", "vertebrisk", "--help"), 5, 0.3))
    with tempfile.TemporaryDirectory() as folder:
        demo = program("-m", "vertebrisk", "demo", "--out", str(Path(folder) / "report"))
        found.add(repeated("vertebrisk demo (HTML, JSON, SVG)", demo, 4, 4.0))
    return found
