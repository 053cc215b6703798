"""Papers cited inside a text: marks such as ``[@delong1988]`` become numbers, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vertebrisk.report.publications import PUBLICATIONS, Publication

_MARK = re.compile(r"\[@([a-z0-9]+(?:,[a-z0-9]+)*)\]")


def uncited(text: str) -> str:
    """The text without its marks, and without the space before each."""
    return re.sub(rf" ?{_MARK.pattern}", "", text)


def numbered(paragraphs: Iterable[str]) -> tuple[list[str], tuple[Publication, ...]]:
    """Paragraphs with numbers for their marks, and the papers in that order.

    A mark that names no known paper stays as it is.
    """
    order: list[str] = []

    def number(mark: re.Match[str]) -> str:
        keys = mark[1].split(",")
        if any(key not in PUBLICATIONS for key in keys):
            return mark[0]
        order.extend(key for key in keys if key not in order)
        return f"[{', '.join(str(order.index(key) + 1) for key in keys)}]"

    told = [_MARK.sub(number, text) for text in paragraphs]
    return told, tuple(PUBLICATIONS[key] for key in order)
