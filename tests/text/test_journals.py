"""The styles of journals: what their instructions ask, and what no style may break."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.errors import ArgumentError
from vertebrisk.text.journals import JOURNALS, Journal, journal_named
from vertebrisk.text.numbers import MINUS, Numbers

_GUIDE_P = {
    "default": (0.026, 0.00001),
    "nejm": (0.026, 0.004, 0.00001),
    "jama": (0.026, 0.004, 0.00001),
    "lancet": (0.026, 0.0034, 0.00001),
    "bmj": (0.026, 0.00001),
}
STYLES = st.sampled_from(tuple(JOURNALS))


def numbers(journal: Journal) -> Numbers:
    return Numbers(JOURNALS[journal], MINUS)


@pytest.mark.parametrize(
    ("journal", "p", "text"),
    [
        ("nejm", 0.234, "P=0.23"),
        ("nejm", 0.046, "P=0.046"),
        ("nejm", 0.0495, "P=0.0495"),
        ("nejm", 0.051, "P=0.05"),
        ("nejm", 0.0096, "P=0.010"),
        ("nejm", 0.004, "P=0.004"),
        ("nejm", 0.0004, "P<0.001"),
        ("nejm", 0.9999, "P>0.99"),
        ("jama", 0.034, "P = .03"),
        ("jama", 0.046, "P = .046"),
        ("jama", 0.0495, "P = .0495"),
        ("jama", 0.04996, "P < .05"),
        ("jama", 0.054, "P = .05"),
        ("jama", 0.0085, "P = .009"),
        ("jama", 0.0004, "P < .001"),
        ("jama", 0.997, "P > .99"),
        ("lancet", 0.234, "p=0\u00b723"),
        ("lancet", 0.026, "p=0\u00b7026"),
        ("lancet", 0.0034, "p=0\u00b70034"),
        ("lancet", 0.00004, "p<0\u00b70001"),
        ("bmj", 0.026, "P=0.026"),
        ("bmj", 0.0002, "P<0.001"),
        ("default", 0.026, "P = 0.026"),
        ("default", math.nan, "–"),
        ("lancet", None, "–"),
    ],
)
def test_p_values(journal: Journal, p: float | None, text: str) -> None:
    assert numbers(journal).p_statement(p) == text


@pytest.mark.parametrize(
    ("journal", "ratio", "difference", "spread", "middle", "share"),
    [
        ("default", "3.79 (1.17 to 12.25)", "−1.20 to 0.40", "72.4 ± 7.9", "6.0 [5.0, 7.3]",
         "11 (13.8%)"),
        ("nejm", "3.79 (1.17 to 12.25)", "−1.20 to 0.40", "72.4±7.9", "6.0 (5.0 to 7.3)",
         "11 (13.8%)"),
        ("jama", "3.79 (1.17-12.25)", "−1.20 to 0.40", "72.4 (7.9)", "6.0 (5.0-7.3)", "11 (14%)"),
        ("lancet", "3·79 (1·17–12·25)", "−1·20 to 0·40", "72·4 (7·9)", "6·0 (5·0–7·3)",
         "11 (13·8%)"),
        ("bmj", "3.79 (1.17 to 12.25)", "−1.20 to 0.40", "72.4 (7.9)", "6.0 (5.0 to 7.3)",
         "11 (13.8%)"),
    ],
)  # fmt: skip
def test_summaries(
    journal: Journal, ratio: str, difference: str, spread: str, middle: str, share: str
) -> None:
    printed = numbers(journal)
    assert printed.ratio_interval(3.79, 1.173, 12.2451) == ratio
    assert printed.interval(-1.2, 0.4) == difference
    assert printed.mean_sd(72.4, 7.9, 1) == spread
    assert printed.median_iqr(6, 5, 7.25, 1) == middle
    assert printed.count_percent(11, 100 * 11 / 80) == share


def test_the_guide_shows_what_is_printed() -> None:
    guide = Path(__file__).parents[2] / "docs" / "guide" / "report.md"
    told = guide.read_text(encoding="utf-8").partition("## The style of a journal")[2]
    lines = [line.strip("| ").split(" | ") for line in told.splitlines() if line.startswith("| ")]
    named = [name.strip("` ") for name in lines[0] if name.strip("| ")]
    assert named == list(JOURNALS)
    shown = {line[0]: dict(zip(named, line[1:], strict=True)) for line in lines[1:7]}
    for journal in JOURNALS:
        own = numbers(journal)
        ps = ", ".join(own.p_statement(p) for p in _GUIDE_P[journal])
        assert shown["P value"][journal] == ps
        assert shown["ratio"][journal] == own.ratio_interval(3.79, 1.173, 12.2451)
        assert shown["negative limit"][journal] == own.interval(-1.2, 0.4)
        assert shown["mean and SD"][journal] == own.mean_sd(72.4, 7.9, 1)
        assert shown["median and quartiles"][journal] == own.median_iqr(6, 5, 7.25, 1)
        assert shown["count, of 80 patients"][journal] == own.count_percent(11, 13.75)


def test_decimals_of_a_percentage_follow_the_number_of_patients() -> None:
    assert numbers("jama").count_percent(14, 100 * 14 / 99) == "14 (14%)"
    assert numbers("jama").count_percent(14, 14.0) == "14 (14.0%)"
    assert numbers("jama").count_percent(0, 0.0) == "0 (0%)"
    assert numbers("lancet").count_percent(11, 13.75) == "11 (13·8%)"


def test_the_word_between_limits_is_of_the_language() -> None:
    assert Numbers(to=" 至 ").interval(0.7, 0.8) == "0.70 至 0.80"
    assert Numbers(JOURNALS["jama"], to=" 至 ").interval(0.7, 0.8) == "0.70-0.80"
    assert Numbers(JOURNALS["jama"], MINUS, " 至 ").interval(-0.7, 0.8) == "−0.70 至 0.80"


@pytest.mark.parametrize("journal", list(JOURNALS))
@given(p=st.floats(0, 1))
def test_a_p_value_reads_back_to_half_a_unit(journal: Journal, p: float) -> None:
    text = numbers(journal).p_value(p).replace("\u00b7", ".")
    sign = text[0] if text[0] in "<>" else ""
    shown = Decimal(text.removeprefix(sign))
    assert 0 < shown < 1
    exact = Decimal(repr(p))
    if sign:
        assert exact < shown if sign == "<" else exact > shown
    else:
        decimals = len(text.partition(".")[2])
        assert abs(shown - exact) <= Decimal(5).scaleb(-decimals - 1)


@given(
    STYLES,
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.integers(0, 4),
)
def test_limits_read_back_in_every_style(
    journal: Journal, low: float, high: float, decimals: int
) -> None:
    text = numbers(journal).interval(low, high, decimals).replace("\u00b7", ".")
    found = re.fullmatch(r"(−?[\d.]+)( to |-|–)(−?[\d.]+)", text)
    assert found is not None
    assert found[2] == " to " or not ("−" in found[1] or "−" in found[3])
    half = Decimal(5).scaleb(-decimals - 1)
    for shown, exact in ((found[1], low), (found[3], high)):
        value = Decimal(shown.replace("−", "-"))
        assert abs(value - Decimal(repr(exact))) <= half
        assert not (shown.startswith("−") and value == 0)


def test_a_journal_is_found_by_its_name() -> None:
    assert journal_named(" NEJM ") == "nejm"
    with pytest.raises(ArgumentError, match=r"Journal 'lancett' is not known.*mean 'lancet'"):
        journal_named("lancett")


def test_a_level_of_significance_is_written_as_a_p_value_is() -> None:
    assert Numbers(JOURNALS["jama"]).p_below(0.05) == "P < .05"
    assert Numbers(JOURNALS["lancet"]).p_below(0.1) == "p<0\u00b71"
