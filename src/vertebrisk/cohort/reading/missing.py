"""What means missing in a column of texts: declared codes, common marks, Excel's errors."""

from __future__ import annotations

import polars as pl

from vertebrisk.cohort.reading.notes import cell_finding, excel_errors
from vertebrisk.cohort.reading.patterns import NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import Code, Declared
from vertebrisk.findings import Finding
from vertebrisk.text.plurals import Wording

MARKERS = (
    "na",
    "n/a",
    "n.a.",
    "nan",
    "<na>",
    "null",
    ".",
    "-",
    "--",
    "—",
    "–",
    "/",
    "缺失",
    "未测",
)
EXCEL_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")
_SIGNS = r"^[+±]+-?$|^-\+$|^阳性$|^阴性$"


def without_missing(
    cells: pl.Series, declared: Declared, levels: list[str], file: str, *, signs: bool = False
) -> tuple[pl.Series, list[Finding], list[Code]]:
    """Null what the protocol declares missing, what commonly marks it, and Excel's errors.

    A dash means missing unless signs such as + stand in the column: in these cells, or,
    as `signs` says, in others.
    """
    findings: list[Finding] = []
    codes: list[Code] = []
    wanted = [str(code).strip(WHITE) for code in declared.missing.get(cells.name, ())]
    if wanted:
        found = same_code(cells, wanted)
        codes = [Code(cells.name, code, "", "declared missing in the protocol") for code in wanted]
        if found.any():
            findings.append(declared_missing(cells, found, file))
            cells = _nulled(cells, found)
    kept = [level.lower() for level in levels]
    markers = [marker for marker in MARKERS if marker not in kept]
    if signs or has_signs(cells):
        markers = [marker for marker in markers if marker not in ("-", "--")]
    found = cells.str.to_lowercase().is_in(markers)
    if found.any():
        findings.append(
            cell_finding(
                "missing-marker",
                "note",
                Wording(
                    "'{column}' has {n} with a mark for missing, such as NA or '-', read as "
                    "missing, besides {besides}."
                ),
                cells,
                found,
                file,
                besides=cells.null_count(),
            )
        )
        cells = _nulled(cells, found)
    found = cells.is_in([error for error in EXCEL_ERRORS if error not in levels])
    if found.any():
        at = [int(row) for row in found.fill_null(False).arg_true()]
        findings.append(excel_errors(file, cells.name, [(row + 1, cells[row]) for row in at]))
        cells = _nulled(cells, found)
    return cells, findings, codes


def has_signs(cells: pl.Series) -> bool:
    """Whether signs such as + or ±, or words for them, stand in a column."""
    return bool(cells.str.contains(_SIGNS).any())


def same_code(cells: pl.Series, codes: list[str]) -> pl.Series:
    """True where a cell is one of the codes, as text or as the same number (99 and 99.0)."""
    numbers = [float(c) for c in codes if pl.Series([c]).str.contains(NUMBER).item()]
    as_number = cells.cast(pl.Float64, strict=False)
    return (cells.is_in(codes) | as_number.is_in(numbers).fill_null(False)).fill_null(False)


def declared_missing(cells: pl.Series, found: pl.Series, file: str) -> Finding:
    """Note on cells that hold a code which the protocol or the file declares missing."""
    return cell_finding(
        "declared-missing",
        "note",
        Wording(
            "'{column}' has {n} with a code that is declared missing; the codebook "
            "keeps the reason."
        ),
        cells,
        found,
        file,
    )


def _nulled(cells: pl.Series, where: pl.Series) -> pl.Series:
    return cells.set(where.fill_null(False), None)
