"""English that remains in a Chinese page: for tests of every page and report."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_UNSEEN = re.compile(r"<(script|style|code|pre)\b.*?</\1>", re.DOTALL)
_ENTRY = re.compile(r"^(?:[\w'’-]+ )+[A-Z]{1,3}[,.].*\bdoi:10\.")
_CITED = re.compile(r"(?:[A-Za-z][\w-]+ )+et al\b|Ann Intern Med|IARC Scientific Publications")
_WORD = r"[A-Za-z][A-Za-z'’-]*"
_RUN = re.compile(rf"{_WORD}(?:,? {_WORD}){{2,}}")


def english_left(page: str, given: Iterable[str] = ()) -> list[str]:
    """Runs of three or more Latin words that a reader of a page sees; references apart.

    Parameters
    ----------
    page : str
        HTML, or plain text.
    given : iterable of str
        What stays as it is, such as labels that the protocol has in English alone.
    """
    texts = html.unescape(re.sub(r"<[^>]+>", "\n", _UNSEEN.sub("", page))).splitlines()
    shown = "\n".join(text for text in texts if not _is_reference(text))
    shown = _CITED.sub("¦", shown)
    for text in sorted(given, key=len, reverse=True):
        shown = shown.replace(text, "¦")
    return list(dict.fromkeys(_RUN.findall(shown)))


def _is_reference(text: str) -> bool:
    """True for an entry of a list of references, which no language translates."""
    return bool(_ENTRY.search(text)) and not re.search("[\u4e00-\u9fff]", text)
