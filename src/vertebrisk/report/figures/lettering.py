"""Letters: which fonts there are, how wide a text will be, where it breaks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from vertebrisk.text.letters import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

_LATIN: Final = "DejaVu Sans"
_CHINESE: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "Arial Unicode MS",
)
BROWSER_FONTS: Final = (
    "'DejaVu Sans', Verdana, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
)

# Ideographs, kana, hangul and full-width signs: a line may break before any of them.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# What closes stays with the word before it, what opens with the word after it.
_PIECES = re.compile(rf"\s+|[（【《]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[，。；：、）】》！？,.;:)\]%]*")
# Letters that run from right to left, and those that join or change places with their
# neighbours: one glyph for one character, side by side, does not spell them.
_SHAPED = re.compile(
    f"[{RIGHT_TO_LEFT}\u0900-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\U00011000-\U00011fff]"
)
# Marks that have no shape, and steer what stands around them.
_SILENT = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_WIDTHS: Final = (0.62, 1.0)  # ems of a letter that no font draws: narrow, ideograph
NO_GLYPH: Final = "Glyph .* missing from font"  # what matplotlib warns of
_OVERSAMPLING: Final = 10
TITLE: Final = 7.0  # printer's points of the name of an axis
ELLIPSIS: Final = "\u2026"
_JOINER: Final = "\u2060"  # has no shape and no width


@lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """Families to draw with: matplotlib's own first, then a Chinese one if installed."""
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    chinese = [name for name in _CHINESE if name in installed]
    return (_LATIN, *chinese[:1])


@lru_cache(maxsize=64)
def _properties(size: float, weight: str) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(font_families()), size=size, weight=weight)


@lru_cache(maxsize=1)
def _renderer() -> Any:
    from matplotlib.backends.backend_agg import RendererAgg

    renderer: Any = RendererAgg
    return renderer(1, 1, 72 * _OVERSAMPLING)


@lru_cache(maxsize=1)
def _fonts() -> tuple[Any, ...]:
    from matplotlib import font_manager

    return tuple(
        font_manager.get_font(font_manager.findfont(font_manager.FontProperties(family=name)))
        for name in font_families()
    )


@lru_cache(maxsize=8192)
def _drawable(character: str, latin_only: bool = False) -> bool:
    if _SHAPED.match(character):
        return False
    fonts = _fonts()[:1] if latin_only else _fonts()
    return any(font.get_char_index(ord(character)) for font in fonts)


def plain(text: str) -> str:
    """A text without characters that have no shape: control characters become spaces."""
    return _SURROGATE.sub("\ufffd", _SILENT.sub("", _CONTROL.sub(" ", text)))


def missing_glyphs(texts: Iterable[str]) -> set[str]:
    """Characters that no installed font can draw, or that matplotlib cannot spell with.

    Parameters
    ----------
    texts : iterable of str
        Labels that will appear in a figure.

    Returns
    -------
    set of str
        Single characters; empty when all can be drawn. Chinese labels need a Chinese
        font on the machine that draws, since matplotlib brings none. Letters that run from
        right to left, or join or reorder (Arabic, Hebrew, Devanagari, ...), are left to
        browsers and always among them; characters without a shape never.
    """
    return {
        character
        for text in texts
        for character in plain(text)
        if not character.isspace() and not _drawable(character)
    }


def needs_fallback(texts: Iterable[str]) -> bool:
    """True if any character lies outside the Latin font that matplotlib brings along."""
    return any(
        not _drawable(character, True)
        for text in texts
        for character in plain(text)
        if not character.isspace()
    )


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width in printer's points of one line of text; a guess for letters that no font draws."""
    strange = [each for each in text if not each.isspace() and not _drawable(each)]
    if strange:
        wide = sum(_WIDTHS[re.match(f"[{_WIDE}]", each) is not None] for each in strange)
        rest = "".join(each for each in text if each not in set(strange))
        return wide * size + text_width(rest, size, weight)
    if not text:
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        width, _, _ = _renderer().get_text_width_height_descent(
            text, _properties(size, weight), False
        )
    return float(width) / _OVERSAMPLING


def widest(lines: Sequence[str], size: float, weight: str = "normal") -> float:
    """Width in printer's points of the widest of some lines."""
    return max((text_width(line, size, weight) for line in lines), default=0.0)


def wrap(text: str, width: float, size: float, weight: str = "normal") -> tuple[str, ...]:
    """Break a text into lines no wider than `width` printer's points.

    Lines break at spaces and between ideographs, and inside a word only where the word
    alone is wider than a line. At least one line comes back, for an empty text too. Control
    characters become spaces.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(plain(text)):
        candidate = line + (" " if piece.isspace() else piece)
        if text_width(candidate.rstrip(), size, weight) <= width:
            line = candidate
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = "" if piece.isspace() else piece
        while len(line) > 1 and text_width(line, size, weight) > width:
            cut = _longest_head(line, width, size, weight)
            lines.append(line[:cut])
            line = line[cut:]
    if line.strip() or not lines:
        lines.append(line.strip())
    return tuple(entry.strip() for entry in lines)


def clipped(text: str, width: float, size: float, lines: int) -> tuple[str, ...]:
    """The same in so many lines at most; where something is left out, the last ends in dots."""
    whole = wrap(text, width, size)
    if len(whole) <= lines:
        return whole
    last = whole[lines - 1]
    while last and text_width(last.rstrip() + ELLIPSIS, size) > width:
        last = last[:-1]
    return (*whole[: lines - 1], last.rstrip() + ELLIPSIS)


def keyed(name: str) -> str:
    """A name as a key takes it: matplotlib leaves out what begins with an underscore."""
    return _JOINER + name if name.startswith("_") else name


def title_lines(text: str, room_mm: float) -> tuple[str, ...]:
    """An axis's name along so many millimetres, in two lines at most."""
    return clipped(text, room_mm * 72.0 / 25.4, TITLE, 2)


def _longest_head(word: str, width: float, size: float, weight: str) -> int:
    cut = 1
    while cut < len(word) - 1 and text_width(word[: cut + 1], size, weight) <= width:
        cut += 1
    return cut
