"""Tables of the agreement of two readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vertebrisk.comparison.agreement.results import CategoricalAgreement, ContinuousAgreement
from vertebrisk.report.tables.patients import with_unit
from vertebrisk.report.tables.table import EMPTY, Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.followup import AgreementResult


def categorical_table(results: Sequence[AgreementResult], words: Words) -> TableSpec | None:
    """Share read alike, kappa and Gwet's coefficients of every categorical variable."""
    rows: list[Row] = []
    for each in results:
        if isinstance(each.record, CategoricalAgreement):
            rows += _categorical_rows(each, each.record, words)
    if not rows:
        return None
    columns = (
        Column("variable", words("variable"), "start"),
        Column("n", words("n")),
        Column("estimate", words("estimate_ci")),
        Column("se", words("se")),
    )
    notes = (words("note.kappa"),)
    caption = words("caption.agreement_categorical")
    return TableSpec("agreement_categorical", caption, columns, tuple(rows), (), notes)


def _categorical_rows(
    result: AgreementResult, record: CategoricalAgreement, words: Words
) -> Iterator[Row]:
    yield Row((text(result.label), number("integer", record.n), EMPTY, EMPTY), kind="heading")
    shares = (record.agreed, record.agreed_low, record.agreed_high)
    agreed = number("estimate_interval", *shares)
    yield Row((text(words("agreement.share")), EMPTY, agreed, EMPTY), indent=1)
    for each in record.coefficients:
        yield Row(
            (
                text(words(f"agreement.{each.name}")),
                EMPTY,
                number("estimate_interval", each.estimate, each.conf_low, each.conf_high),
                number("estimate", each.std_error),
            ),
            indent=1,
        )


def continuous_table(results: Sequence[AgreementResult], words: Words) -> TableSpec | None:
    """ICC, errors and limits of agreement of every measurement."""
    rows: list[Row] = []
    for each in results:
        if isinstance(each.record, ContinuousAgreement):
            rows += _continuous_rows(each, each.record, words)
    if not rows:
        return None
    columns = (
        Column("variable", words("variable"), "start"),
        Column("n", words("n")),
        Column("estimate", words("estimate_ci")),
        Column("p", words("p")),
    )
    notes = (words("note.icc"),)
    caption = words("caption.agreement_continuous")
    return TableSpec("agreement_continuous", caption, columns, tuple(rows), (), notes)


def _continuous_rows(
    result: AgreementResult, record: ContinuousAgreement, words: Words
) -> Iterator[Row]:
    head = text(with_unit(result.label, result.unit))
    yield Row((head, number("integer", record.n), EMPTY, EMPTY), kind="heading")
    for each in record.forms:
        limits = number("estimate_interval", each.estimate, each.conf_low, each.conf_high)
        name = f"{each.form}, {each.form_mw}"
        yield Row((text(name), EMPTY, limits, number("p_value", each.p_value)), indent=1)
    bland = record.bland_altman
    lines: tuple[tuple[str, Cell, Cell], ...] = (
        ("agreement.bias", _limits(bland.bias, bland.bias_low, bland.bias_high), EMPTY),
        ("agreement.lower", _limits(bland.lower, bland.lower_low, bland.lower_high), EMPTY),
        ("agreement.upper", _limits(bland.upper, bland.upper_low, bland.upper_high), EMPTY),
        (
            "agreement.slope",
            number("estimate_interval", bland.slope, bland.slope_low, bland.slope_high),
            number("p_value", bland.slope_p),
        ),
        ("agreement.sem", number("estimate", record.sem, decimals=2), EMPTY),
        ("agreement.change", number("estimate", record.smallest_change, decimals=2), EMPTY),
    )
    for key, cell, p_value in lines:
        yield Row((text(words(key)), EMPTY, cell, p_value), indent=1)


def _limits(value: float, low: float, high: float) -> Cell:
    return number("estimate_interval", value, low, high, decimals=2)
