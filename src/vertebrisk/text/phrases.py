"""Labels inside running text."""

from __future__ import annotations

EPONYMS = ("Cobb", "Genant", "Goutallier", "Hounsfield", "Kümmell", "Modic", "Oswestry", "Schmorl")


def in_sentence(label: str) -> str:
    """The label of an outcome as it stands in the middle of a sentence.

    ``Residual back pain`` becomes ``residual back pain``; abbreviations such as ``VAS`` or
    ``T score`` and names of persons keep their capitals, and other scripts have none.
    """
    first, rest = label[:1], label[1:]
    ordinary = rest[:1].islower() and not label.startswith(EPONYMS)
    return first.lower() + rest if ordinary else label
