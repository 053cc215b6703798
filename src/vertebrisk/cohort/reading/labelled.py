"""SPSS, Stata and SAS files: codes keep their labels, user-missing values their reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.missing import declared_missing
from vertebrisk.cohort.reading.notes import column_finding
from vertebrisk.cohort.reading.table_file import Code, Declared, RawTable
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

_MAX_EXACT = 2.0**53


@dataclass(frozen=True, slots=True)
class _Variable:
    """One variable of a labelled file, with its metadata."""

    name: str
    values: Sequence[Any]
    labels: Mapping[Any, str]
    ranges: Sequence[Mapping[str, Any]]
    missing_values: Sequence[Any]

    def is_missing(self, value: object) -> bool:
        """True for a value that the file itself declares missing."""
        if value in self.missing_values:
            return True
        return any(
            isinstance(value, str) == isinstance(each["lo"], str)
            and each["lo"] <= value <= each["hi"]
            for each in self.ranges
        )


def read_labelled(path: Path, declared: Declared) -> RawTable:
    """Read .sav, .zsav, .dta, .sas7bdat or .xpt.

    A column whose observed codes all have a label becomes an Enum of the labels in the
    order of the codes; a column with unlabelled codes stays numeric. Codes that mean
    missing become null and keep their reason in the codebook.
    """
    data, meta, encoding, findings = _read(path)
    if not data:
        raise DataError(f"'{path.name}' has no columns.")
    names, header_findings = clean_headers([name or "" for name in data], path.name)
    findings += header_findings
    columns: list[pl.Series] = []
    untyped: list[str] = []
    codes: list[Code] = []
    for name, (original, values) in zip(names, data.items(), strict=True):
        variable = _Variable(
            name=name,
            values=values,
            labels={
                code: label or ""
                for code, label in meta.variable_value_labels.get(original, {}).items()
            },
            ranges=(getattr(meta, "missing_ranges", None) or {}).get(original, ()),
            missing_values=(meta.missing_user_values or {}).get(original, ()),
        )
        series, column_codes, column_findings, is_text = _column(variable, declared, path.name)
        columns.append(series)
        codes += column_codes
        findings += column_findings
        if is_text:
            untyped.append(name)
    if not columns[0].len():
        raise DataError(f"'{path.name}' has names of columns but no rows of data.")
    labels = [meta.column_names_to_labels.get(original) or "" for original in data]
    return RawTable(
        frame=pl.DataFrame(columns),
        findings=tuple(findings),
        untyped=tuple(untyped),
        labels=dict(zip(names, labels, strict=True)),
        codes=tuple(codes),
        encoding=encoding,
    )


def _read(path: Path) -> tuple[dict[str, list[Any]], Any, str | None, list[Finding]]:
    import pyreadstat

    readers: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        ".sav": (pyreadstat.read_sav, {"user_missing": True}),
        ".zsav": (pyreadstat.read_sav, {"user_missing": True}),
        ".dta": (pyreadstat.read_dta, {"user_missing": True}),
        ".sas7bdat": (pyreadstat.read_sas7bdat, {"user_missing": True}),
        ".xpt": (pyreadstat.read_xport, {}),
    }
    reader, options = readers[path.suffix.lower()]
    attempts: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, ""),
        (
            {"encoding": "GB18030"},
            say("Texts were read as GB18030, since the file's own encoding fails."),
        ),
        (
            {"disable_datetime_conversion": True},
            say("Dates lie beyond the calendar and stay numbers."),
        ),
    )
    errors = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError)
    for changes, note in attempts:
        try:
            _, meta = reader(str(path), output_format="dict", metadataonly=True, **changes)
            if _claims_too_much(path, meta):
                break
            data, meta = reader(str(path), output_format="dict", **options, **changes)
        except (*errors, UnicodeError, OverflowError, ValueError):
            continue
        if (
            meta.number_rows is not None
            and data
            and len(next(iter(data.values()))) != meta.number_rows
        ):
            break
        found = [Finding("labelled-file", "note", note, file=path.name)] if note else []
        return data, meta, meta.file_encoding, found
    raise DataError(
        f"'{path.name}' is damaged or of a version that cannot be read. Open it in the program "
        "that made it and save it again, or export it as .csv."
    )


def _claims_too_much(path: Path, meta: Any) -> bool:
    """True if the header promises more cells than the file has bytes: reading would exhaust memory.

    In .sav and .dta every cell takes at least one byte; the other formats compress further.
    """
    cells = (meta.number_rows or 0) * (meta.number_columns or 0)
    return path.suffix.lower() in (".sav", ".dta") and cells > path.stat().st_size


def _column(
    variable: _Variable, declared: Declared, file: str
) -> tuple[pl.Series, list[Code], list[Finding], bool]:
    name = variable.name
    wanted = [str(code).strip() for code in declared.missing.get(name, ())]
    values = [None if value == "" or value != value else value for value in variable.values]
    is_text = any(isinstance(value, str) for value in values)
    findings: list[Finding] = []
    reasons: dict[Any, str] = {}
    if variable.ranges or variable.missing_values or (wanted and (variable.labels or not is_text)):
        observed = {value for value in (*values, *variable.labels) if value is not None}
        reasons = _reasons(variable, observed, wanted)
        lost = [value in reasons for value in values]
        if any(lost):
            shown = pl.Series(name, [None if v is None else code_text(v) for v in values])
            findings.append(declared_missing(shown, pl.Series(lost), file))
            values = [None if gone else v for v, gone in zip(values, lost, strict=True)]
    labels = {code: label for code, label in variable.labels.items() if code not in reasons}
    codes = _codes(variable, reasons)
    left = {value for value in values if value is not None}
    if labels and left <= set(labels):
        enum, notes = _as_enum(variable, values, labels, declared, file)
        return enum, codes, findings + notes, False
    if labels and left & set(labels):
        findings.append(_unlabelled(name, len(left - set(labels)), file))
    if any(isinstance(value, str) for value in values) or (is_text and not left):
        texts = [None if value is None else code_text(value) for value in values]
        return pl.Series(name, texts, dtype=pl.String), codes, findings, True
    return _typed(name, values), codes, findings, False


def code_text(code: object) -> str:
    """A code as text: 1.0 is ``1``."""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return str(code)


def _order(code: object) -> tuple[int, float, str]:
    return (0, float(code), "") if isinstance(code, int | float) else (1, 0.0, str(code))


def _reasons(variable: _Variable, observed: set[Any], wanted: Sequence[str]) -> dict[Any, str]:
    """Codes that mean missing, and why."""
    reasons = {}
    for value in sorted(observed, key=_order):
        label = variable.labels.get(value, "")
        if variable.is_missing(value):
            reasons[value] = label or "user-missing in the file"
        elif code_text(value) in wanted or (label and label.strip() in wanted):
            reasons[value] = label or "declared missing in the protocol"
    return reasons


def _codes(variable: _Variable, reasons: Mapping[Any, str]) -> list[Code]:
    every = sorted({*variable.labels, *reasons}, key=_order)
    return [
        Code(
            variable.name,
            code_text(code),
            variable.labels.get(code, "").strip(),
            reasons.get(code, ""),
        )
        for code in every
    ]


def _as_enum(
    variable: _Variable,
    values: Sequence[Any],
    labels: Mapping[Any, str],
    declared: Declared,
    file: str,
) -> tuple[pl.Series, list[Finding]]:
    """Enum of labels; of codes where the protocol's levels are the codes."""
    levels = declared.levels.get(variable.name)
    texts = {code: labels[code].strip() or code_text(code) for code in sorted(labels, key=_order)}
    notes: list[Finding] = []
    seen = list(texts.values())
    told_apart = {
        code: f"{text} ({code_text(code)})" if seen.count(text) > 1 else text
        for code, text in texts.items()
    }
    if levels and not set(levels) & {*seen, *told_apart.values()}:
        texts = {code: code_text(code) for code in texts}
    elif told_apart != texts:
        texts = told_apart
        notes.append(
            column_finding(
                "repeated-label",
                "warning",
                say(
                    "Several codes of '{name}' carry one label; they were told apart by their "
                    "codes.",
                    name=variable.name,
                ),
                variable.name,
                file,
                say("Correct the value labels, or merge the codes in the file."),
            )
        )
    shown = [None if value is None else texts[value] for value in values]
    return pl.Series(variable.name, shown, dtype=pl.Enum(list(texts.values()))), notes


def _unlabelled(name: str, count: int, file: str) -> Finding:
    return column_finding(
        "codes-without-label",
        "note",
        say(
            "'{name}' has labels for some of its codes, but {n} observed codes have "
            "none; it was kept as numbers.",
            name=name,
            n=count,
        ),
        name,
        file,
        say("Label every code if it is a category; leave it if it is a scale."),
    )


def _typed(name: str, values: Sequence[Any]) -> pl.Series:
    present = next((value for value in values if value is not None), None)
    if isinstance(present, dt.time | dt.timedelta):
        return pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String)
    if isinstance(present, dt.datetime):
        return pl.Series(name, values, dtype=pl.Datetime("us"))
    if isinstance(present, dt.date):
        return pl.Series(name, values, dtype=pl.Date)
    return whole_numbers(pl.Series(name, values, dtype=pl.Float64))


def whole_numbers(values: pl.Series) -> pl.Series:
    """Floats as integers where all of them are whole, else unchanged."""
    present = values.drop_nulls()
    if present.is_empty() or not present.is_finite().all():
        return values
    if (present == present.floor()).all() and (present.abs() < _MAX_EXACT).all():
        return values.cast(pl.Int64)
    return values
