"""Text made safe for LaTeX: whatever a label holds, it is printed and never obeyed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from vertebrisk.text.letters import RIGHT_TO_LEFT

_SPECIAL: Final[dict[str, str]] = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    # Two hyphens would become a dash; a bracket or star would belong to the row's end before it.
    "-": "{-}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "\u2013": "{--}",
    "\u00a0": "~",
    "\u2003": r"\quad{}",
}

# Signs that the usual text fonts lack, or that Chinese setting takes for its own and spreads.
_SIGNS: Final[dict[str, str]] = {
    "\u2212": "-",
    "\u2264": r"\leq",
    "\u2265": r"\geq",
    "\u2260": r"\neq",
    "\u2248": r"\approx",
    "\u221e": r"\infty",
    "\u00b1": r"\pm",
    "\u00d7": r"\times",
    "\u00b7": r"\cdot",
    "\u2192": r"\rightarrow",
    "\u2190": r"\leftarrow",
    "\u2713": r"\checkmark",
    "\u2717": r"\times",
    "\u2081": "_1",
    "\u2082": "_2",
    "\u2083": "_3",
}
_GREEK: Final[tuple[str, ...]] = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon",
    "phi", "chi", "psi", "omega",
)  # fmt: skip
_LATIN_ALIKE = {"omicron": "o"}
_CAPITALS = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega")
_LONG, _PIECE = 25, 10
_LONG_RUN = re.compile(rf"\S{{{_LONG},}}")
_BEHIND_SIGN = re.compile(r"(?<=[-_/.,;:=])(?=\w)")


# Characters kept for a program's own use: a place to break, and where other letters begin and end.
_BREAK, _OTHER_OPENS, _LEFT_OPENS, _CLOSES = "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5"
_KNOWN = (
    "\u0000-\u017f\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u20ac\u2122"  # Latin
    "\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"  # Chinese
    "\ufdd0-\ufdef"
)
_LEFTWARDS_RUN = re.compile(f"[{RIGHT_TO_LEFT}](?:[{RIGHT_TO_LEFT} {_BREAK}]*[{RIGHT_TO_LEFT}])?")


def _table() -> dict[int, str]:
    made = dict(_SPECIAL)
    made |= {sign: rf"\ensuremath{{{command}}}" for sign, command in _SIGNS.items()}
    marks = (r"\allowbreak{}", r"\othertext{", r"\righttoleft{", "}")
    made |= dict(zip((_BREAK, _OTHER_OPENS, _LEFT_OPENS, _CLOSES), marks, strict=True))
    for place, name in enumerate(_GREEK):
        command = _LATIN_ALIKE.get(name, rf"\{name}")
        made[chr(0x3B1 + place)] = rf"\ensuremath{{{command}}}"
        if name.capitalize() in _CAPITALS:
            made[chr(0x391 + place)] = rf"\ensuremath{{\{name.capitalize()}}}"
    made["\u00b5"] = made["\u03bc"]
    return str.maketrans(made)


_TABLE: Final = _table()
_MAPPED = "".join(re.escape(chr(each)) for each in _TABLE if each > 0x17F)
_OTHER = re.compile(f"[^{_KNOWN}{RIGHT_TO_LEFT}{_MAPPED}]+")


def escape(text: str) -> str:
    """The text as LaTeX prints it; a word that fills a line may break anywhere.

    Letters that the text font lacks stand in ``othertext``, those that are read from right to
    left in ``righttoleft``, two commands that `document` defines.
    """
    broken = _LONG_RUN.sub(_breakable, _printable(text))
    framed = _LEFTWARDS_RUN.sub(lambda found: _LEFT_OPENS + found[0] + _CLOSES, broken)
    framed = _OTHER.sub(lambda found: _OTHER_OPENS + found[0] + _CLOSES, framed)
    return framed.translate(_TABLE)


def _breakable(run: re.Match[str]) -> str:
    """A long word with places to break: behind its signs, and inside what is long without any."""
    pieces = []
    for part in _BEHIND_SIGN.split(run.group()):
        step = _PIECE if len(part) >= _LONG else len(part) or 1
        pieces += [part[k : k + step] for k in range(0, len(part), step)]
    return _BREAK.join(pieces)


def _printable(text: str) -> str:
    """Without characters that only steer, and with plain spaces for those that a line ends at."""
    kept = []
    for character in text:
        kind = unicodedata.category(character)
        if character in "\n\r\t\v\f\x85\u2028\u2029":
            kept.append(" ")
        elif kind not in ("Cc", "Cf", "Cs", "Cn", "Co"):
            kept.append(character)
    return "".join(kept)
