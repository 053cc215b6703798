"""Letters that run from right to left, and the signs that turn what stands around them."""

from __future__ import annotations

import re
from typing import Final

RIGHT_TO_LEFT: Final = (
    "\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
)
"""The blocks of Hebrew, Arabic and their kin, as a regular expression's brackets hold them."""

# Embeddings, overrides and isolates. A label that opens one without closing it turns the words
# after it; the marks that only say which way a letter runs (U+200E, U+200F) stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def unturned(text: str) -> str:
    """The text without signs that change the direction of what follows; of the same type."""
    return type(text)(_TURNING.sub("", text)) if _TURNING.search(text) else text
