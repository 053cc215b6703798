"""Programs that the numbers were made with, and their versions."""

from __future__ import annotations

import platform
from importlib import metadata

from vertebrisk._version import __version__

LIBRARIES = ("numpy", "scipy", "polars", "matplotlib", "pydantic", "jinja2")


def versions() -> dict[str, str]:
    """Name and version of vertebrisk, of Python and of the libraries that a run uses."""
    return {
        "vertebrisk": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }
