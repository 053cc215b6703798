"""Templates that are shipped beside the report code."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from vertebrisk.text.letters import unturned

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """Templates by name, every value escaped, and without signs that turn the words after it."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        autoescape=True,
        finalize=_unturned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(template_text),
    )


def _unturned(value: object) -> object:
    return unturned(value) if isinstance(value, str) else value


def template_text(name: str) -> str:
    """Text of a file that is shipped beside the report code."""
    folder = resources.files("vertebrisk.report") / "templates"
    return (folder / name).read_text(encoding="utf-8")
