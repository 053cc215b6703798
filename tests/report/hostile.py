"""Tables that no study wrote on purpose: what bad input makes of captions, labels and numbers."""

from __future__ import annotations

import math

from vertebrisk.report.page.content import Banner, Page, Section, Tables
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    CellFormat,
    Column,
    Row,
    Spanner,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words

HOSTILE = (
    r"\input{/etc/passwd} \end{longtable} $x_1^2$ & 50% #1 ~ {",
    "=HYPERLINK(\"http://example.org\")",
    "+1+1",
    "-2 to 3",
    "@SUM(A1:A9)",
    "<script>alert('x')</script>",
    "[a] * [b] -- ``quoted''",
    "骨水泥分布（弥散型）",
    "\u0634\u062f\u0629 \u05e9\u05dc\u05d5\u05dd",
    "a\x00b\x07c\u200f\u202ed",
    "line\nbreak\tand\rmore",
    "W" * 300,
    "label " * 50,
    "",
)  # fmt: skip
NUMBERS: tuple[Cell, ...] = (
    number("integer", 12),
    number("estimate", -0.0004, decimals=2),
    number("estimate", -1.25, decimals=2),
    number("p_value", 0.00001),
    number("p_value", 0.0496),
    number("p_value", 0.99999),
    number("risk", 0.00001, decimals=1),
    number("risk", 0.138, decimals=1),
    number("percent", 45.0, decimals=0),
    number("mean_sd", 72.405, 7.9, decimals=1),
    number("median_iqr", 6, 5, 7.25, decimals=1),
    number("count_percent", 11, 13.75),
    number("count_percent", 0, 0.0),
    number("count_percent", 3, None),
    number("interval", -0.5, 1.25, decimals=2),
    number("estimate_interval", 0.774, 0.696, None),
    number("risk_interval", 0.5, 0.0001, 0.9999, decimals=1),
    number("ratio_interval", 0.0034, 1e-9, 2.5e9, decimals=2),
    number("ratio_limits", 0.5, 2.0, decimals=2),
    number("risk_limits", 0.25, 0.75, decimals=1),
    number("counts", 37, 268),
    number("estimate", math.nan),
    number("estimate", math.inf),
    number("estimate", None),
)
FORMATS: tuple[CellFormat, ...] = tuple(dict.fromkeys(cell.format for cell in NUMBERS))


def page_of(*tables: TableSpec, words: Words | None = None, kinds: bool = True) -> Page:
    """A page with these tables, of reconstructed data."""
    banner = Banner("Reconstructed data", "These are not the records of patients.")
    return Page(
        words=words or Words("en"),
        version="0.1.0",
        kicker="Risk model report",
        title="Residual back pain",
        banners=(banner,) if kinds else (),
        facts=(),
        sections=(Section("all", "All", (Tables(tables),)),),
    )


def hostile_table(place: int = 1) -> TableSpec:
    """Every hostile text as caption, head, spanner, label, mark and footnote; every format."""
    columns = (
        Column("label", HOSTILE[0], "start"),
        Column("mixed", HOSTILE[2]),
        Column("words", HOSTILE[11], "start"),
    )
    rows = [Row((text(each, mark="&"), EMPTY, text(each)), indent=k % 2) for k, each in
            enumerate(HOSTILE)]  # fmt: skip
    rows += [Row((text(cell.format), cell, EMPTY)) for cell in NUMBERS]
    rows.append(Row((text(HOSTILE[1]), EMPTY, EMPTY), kind="heading"))
    rows.append(Row((text(HOSTILE[3]), NUMBERS[0], text("x")), kind="emphasis"))
    spanners = (Spanner(HOSTILE[0], 1, 3),)
    return TableSpec(
        f"hostile_{place}", HOSTILE[0], columns, tuple(rows), spanners, HOSTILE, number=place
    )


def long_table() -> TableSpec:
    """Two hundred rows, and as many columns as forty predictors in two models need."""
    columns = (
        Column("label", "Variable", "start"),
        *(Column(f"model{k}", f"Model {k}") for k in range(1, 13)),
    )
    rows = tuple(
        Row((
            text(f"Predictor {k} (a label that is long enough to need a second line)"),
            *(number("ratio_interval", 1.0 + k, 0.5, 2.0 + k, decimals=2) for _ in range(12)),
        ))
        for k in range(200)
    )  # fmt: skip
    return TableSpec("long", "Two hundred rows", columns, rows, number=2)
