"""What journals ask of numbers, as data: one `JournalStyle` a journal.

Written rules, from the journals' instructions:

- NEJM, statistical reporting guidelines for authors: P values above 0.01 with two decimals,
  between 0.01 and 0.001 with three, below that P<0.001; odds ratios with two decimals. It says
  nothing of values that two decimals carry up to 0.05; "P=0.05" for 0.046, beside "P<0.05",
  would contradict itself, so here they keep a third decimal as the AMA asks, or a fourth; what
  even four carry up to 0.05 is P<0.05.
- JAMA, instructions for table creation and AMA Manual of Style, 11th edition: P values with two
  decimals, three below .01, below that P<.001, and never 0 or 1; no zero before their point;
  mean (SD) and median (IQR). The AMA adds that two decimals may not carry a P value up to .05.
- The Lancet, information for authors and guidelines for observational studies: the decimal
  point raised; a lower-case p with two significant figures, four decimals at most, or
  p<0·0001; mean (SD) and median (IQR).

The rest is what the papers of a journal print: no spaces in P<0.001 of NEJM, Lancet and BMJ;
mean±SD in NEJM, mean (SD) in BMJ; a hyphen between limits in JAMA, an en dash in The Lancet,
"to" in NEJM and BMJ. JAMA's percentages of fewer than 100 patients have no decimals, as JMIR
Publications asks of those who follow the AMA. Where even that is not known to us, a style does
what the default does. The default follows the SAMPL guidelines (Lang and Altman 2013) but for
the mean, which is printed as mean ± SD. Setting the letter in italics is left to a renderer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast, get_args

from vertebrisk._checks import nearest
from vertebrisk.errors import ArgumentError

Journal = Literal["default", "nejm", "jama", "lancet", "bmj"]
TO = " to "
"""What joins two limits where a journal has no sign of its own, or where that would mislead."""


@dataclass(frozen=True, slots=True)
class JournalStyle:
    """How one journal prints numbers.

    Parameters
    ----------
    key, title : str
        The name on the command line, and the journal's own.
    p_letter, p_spaced, p_zero : str, bool, bool
        Letter of a P value, spaces around the sign that follows it, zero before its point.
    p_decimals : tuple of (float, int)
        Decimals from a P value upwards, the greatest first; the last pair holds to zero, and
        its decimals are the smallest P value that is printed.
    p_boundary : float or None
        A P value below this has more decimals, to four, to keep it from being carried up to it.
    percent_decimals : tuple of (int, int)
        Decimals of the percentage of a count, by the number of patients it is a part of; the
        greatest first.
    point, joiner : str
        Decimal point, and what stands between two limits; `TO` where a limit is negative.
    mean_sd, median_iqr : str
        Forms of a summary, with places for mean and sd; median and limits.
    quartiles : str
        What stands between the quartiles.
    """

    key: Journal
    title: str
    p_letter: str = "P"
    p_spaced: bool = True
    p_zero: bool = True
    p_decimals: tuple[tuple[float, int], ...] = ((0.0, 3),)
    p_boundary: float | None = None
    percent_decimals: tuple[tuple[int, int], ...] = ((0, 1),)
    point: str = "."
    joiner: str = TO
    mean_sd: str = "{mean} \u00b1 {sd}"
    median_iqr: str = "{median} [{limits}]"
    quartiles: str = ", "


DEFAULT = JournalStyle("default", "vertebrisk")

JOURNALS: Mapping[Journal, JournalStyle] = MappingProxyType(
    {
        each.key: each
        for each in (
            DEFAULT,
            JournalStyle(
                "nejm",
                "New England Journal of Medicine",
                p_spaced=False,
                p_decimals=((0.01, 2), (0.0, 3)),
                p_boundary=0.05,
                mean_sd="{mean}\u00b1{sd}",
                median_iqr="{median} ({limits})",
                quartiles=TO,
            ),
            JournalStyle(
                "jama",
                "JAMA",
                p_zero=False,
                p_decimals=((0.01, 2), (0.0, 3)),
                p_boundary=0.05,
                percent_decimals=((100, 1), (0, 0)),
                joiner="-",
                mean_sd="{mean} ({sd})",
                median_iqr="{median} ({limits})",
                quartiles="-",
            ),
            JournalStyle(
                "lancet",
                "The Lancet",
                p_letter="p",
                p_spaced=False,
                p_decimals=((0.1, 2), (0.01, 3), (0.0, 4)),
                point="\u00b7",
                joiner="\u2013",
                mean_sd="{mean} ({sd})",
                median_iqr="{median} ({limits})",
                quartiles="\u2013",
            ),
            JournalStyle(
                "bmj",
                "The BMJ",
                p_spaced=False,
                mean_sd="{mean} ({sd})",
                median_iqr="{median} ({limits})",
                quartiles=TO,
            ),
        )
    }
)


def journal_named(name: str) -> Journal:
    """The journal of this name, in capitals or not.

    Raises
    ------
    ArgumentError
        The name is unknown; the message lists those that are, and the nearest.
    """
    plain = name.strip().lower()
    if plain in get_args(Journal):
        return cast(Journal, plain)
    raise ArgumentError(
        f"Journal '{name}' is not known; there are {', '.join(JOURNALS)}.{nearest(plain, JOURNALS)}"
    )
