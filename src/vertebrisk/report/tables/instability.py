"""Tables of unstable predictions and of the size of the study."""

from __future__ import annotations

from vertebrisk.report.results.size import StudySize
from vertebrisk.report.tables.table import Cell, Column, Row, Spanner, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.validation.instability import Instability
from vertebrisk.validation.sample_size.results import SampleSize, SizeCriterion

SHARES = ("overall-risk",)  # criteria in percentage points
_SAME = 1e-6


def _useful_at(found: Instability, threshold: float) -> float | None:
    """Share of the models that do better than both reference strategies at a threshold."""
    rows = found.decision.filter((found.decision["threshold"] - threshold).abs() < _SAME)
    return None if rows.is_empty() else float(rows["useful"][0])


def instability_table(found: Instability | None, words: Words) -> TableSpec | None:
    """Decisions of the models of resamples at each threshold."""
    if found is None:
        return None
    rows = tuple(
        Row(
            (
                number("risk", row["threshold"], decimals=1),
                *(number("risk", row[name], decimals=1) for name in ("above", "index", "often")),
                number("risk", _useful_at(found, row["threshold"]), decimals=1),
            )
        )
        for row in found.classification.iter_rows(named=True)
    )
    columns = (
        Column("threshold", words("threshold")),
        Column("above", words("patients_above")),
        Column("index", words("index")),
        Column("often", words("often")),
        Column("useful", words("useful")),
    )
    return TableSpec(
        "instability", words("caption.instability"), columns, rows, (), (words("note.instability"),)
    )


def size_table(size: StudySize | None, words: Words) -> TableSpec | None:
    """Each criterion: patients needed, and what those of the study attain."""
    if size is None:
        return None
    found = [size.expected] if size.by_c is None else [size.expected, size.by_c]
    criteria = zip(*(each.criteria for each in found), strict=True)
    rows = [Row((text(criterion_name(pair[0], words)), *_cells(pair, words))) for pair in criteria]
    whole: list[Cell] = []
    for each in found:
        whole += [number("integer", each.n), text(""), text(_yes(each.enough, words))]
    rows.append(Row((text(words("size.all")), *whole), kind="emphasis"))
    columns = [Column("criterion", words("criterion"), "start")]
    for place in range(len(found)):
        columns += [
            Column(f"needed_{place}", words("size.needed")),
            Column(f"attained_{place}", words("size.attained")),
            Column(f"met_{place}", words("size.met")),
        ]
    spanners = tuple(
        Spanner(words(key, value=_r2(each, words)), 1 + 3 * place, 4 + 3 * place)
        for place, (each, key) in enumerate(
            zip(found, ("size.expected_r2", "size.c_r2"), strict=False)
        )
    )
    notes = (words("note.size"), *([] if size.by_c is None else [words("note.size_c")]))
    return TableSpec("size", words("caption.size"), tuple(columns), tuple(rows), spanners, notes)


def _r2(size: SampleSize, words: Words) -> str:
    return words.numbers.estimate(size.assumptions["r2_cs"], 3)


def criterion_name(criterion: SizeCriterion, words: Words) -> str:
    """What a criterion asks for."""
    shown = f"{criterion.target:g}"
    if criterion.name in SHARES:
        shown = words.numbers.risk(criterion.target, 0)
    return words(f"size.{criterion.name}", target=shown)


def _cells(criteria: tuple[SizeCriterion, ...], words: Words) -> list[Cell]:
    cells: list[Cell] = []
    for each in criteria:
        share = each.name in SHARES
        attained = (
            number("risk", each.attained, decimals=1)
            if share
            else number("estimate", each.attained, decimals=3)
        )
        cells += [number("integer", each.n), attained, text(_yes(each.met, words))]
    return cells


def _yes(met: bool | None, words: Words) -> str:
    return words("size.yes" if met else "size.no")
