"""Programs that the numbers were made with, and their versions."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from vertebrisk._version import __version__

LIBRARIES = ("numpy", "scipy", "polars", "matplotlib", "pydantic", "jinja2")


def versions() -> dict[str, str]:
    """Name and version of vertebrisk, of Python and of the libraries that a run uses."""
    return {
        "vertebrisk": __version__,
        "python": platform.python_version(),
        **{name: _installed(name) for name in LIBRARIES},
    }


@cache
def _installed(name: str) -> str:
    """The version of a library, whose metadata are read once."""
    return metadata.version(name)
