"""From the table of a file to the variables of the protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk.cohort.labelling import believable, cells_at, labelled, rows_where
from vertebrisk.cohort.reading.cells import absurd_values
from vertebrisk.cohort.variables import CohortVariable
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError, ExpressionError, ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, Variable
from vertebrisk.protocol.checks import derivation_order
from vertebrisk.protocol.followup import followup_uses
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording

_TRUTH_LEVELS = frozenset({"false", "true"})
_SUGGESTIONS = 20
_PATIENT = "patient"


def expected_texts(variables: Mapping[str, Variable]) -> dict[str, tuple[str, ...]]:
    """What the cells of each column with levels may hold: its codes and its levels.

    Columns of plain true and false are left to the reader, which knows their spellings.
    """
    return {
        name: tuple(dict.fromkeys((*variable.codes, *variable.ordered_levels)))
        for name, variable in variables.items()
        if variable.ordered_levels and (variable.codes or set(variable.levels) != _TRUTH_LEVELS)
    }


def check_columns(protocol: Protocol, columns: Iterable[str], file: str) -> tuple[Finding, ...]:
    """Every column that the protocol names must be there.

    Raises
    ------
    DataError
        Columns that the analysis cannot do without are not in the file.
    """
    present = set(columns)
    needed = _needed(protocol)
    lacking = {name: use for name, use in needed.items() if name not in present}
    if lacking:
        raise DataError(_lacking_text(lacking, present, file))
    undescribed = [
        name
        for name, variable in protocol.variables.items()
        if name not in present and variable.derive is None
    ]
    return tuple(
        Finding(
            "column-not-in-file",
            "error",
            say(
                "The codebook describes '{name}', but '{file}' has no such column.{meant}",
                name=name,
                file=file,
                meant=nearest(name, present) if position < _SUGGESTIONS else "",
            ),
            say("Correct the name, or take [variables.{name}] out.", name=name),
            file=file,
            column=name,
        )
        for position, name in enumerate(undescribed)
    )


def _lacking_text(lacking: Mapping[str, str], present: Collection[str], file: str) -> str:
    shown = list(lacking.items())[:_SUGGESTIONS]
    what = " ".join(f"'{name}' ({use}).{nearest(name, present)}" for name, use in shown)
    rest = len(lacking) - len(shown)
    more = f" And {rest} more." if rest else ""
    noun = "a column" if len(lacking) == 1 else f"{len(lacking)} columns"
    return f"'{file}' lacks {noun} that the protocol needs: {what}{more}"


def _needed(protocol: Protocol) -> dict[str, str]:
    """Columns of the file that the analysis cannot do without, with their first use."""
    needed: dict[str, str] = {}
    for name, use in _uses(protocol):
        needed.setdefault(name, use)
    return needed


def _uses(protocol: Protocol) -> list[tuple[str, str]]:
    """Columns of the file that the analysis reads, with each use."""
    uses: list[tuple[str, str]] = []
    if protocol.study.patient is not None:
        uses.append((protocol.study.patient, _PATIENT))
    uses += [(name, "outcome") for name in protocol.outcome_names]
    for each in (*protocol.eligibility.include, *protocol.eligibility.exclude):
        uses += [(name, "eligibility") for name in Expression.parse(each.rule).names]
    for rule in protocol.consistency:
        uses += [(name, "consistency") for name in Expression.parse(rule.rule).names]
    if protocol.sampling is not None and protocol.sampling.sampled is not None:
        uses += [(name, "sampling") for name in Expression.parse(protocol.sampling.sampled).names]
    if protocol.matched_set is not None:
        uses.append((protocol.matched_set, "set of [sampling]"))
    uses += [(name, "candidates") for name in protocol.candidate_names]
    uses += [(name, "auxiliary") for name in protocol.missing.auxiliary]
    uses += [(name, "compare") for name in protocol.analysis.compare]
    uses += followup_uses(protocol.followup, protocol.agreement)
    derived = {
        name: Expression.parse(variable.derive).names
        for name, variable in protocol.variables.items()
        if variable.derive is not None
    }
    for name, sources in derived.items():
        uses += [(source, f"derivation of '{name}'") for source in sources]
    return [(name, use) for name, use in uses if name not in derived]


def prepare(
    protocol: Protocol,
    table: pl.DataFrame,
    file: str,
    whole: Mapping[str, pl.DataType] | None = None,
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The table with every described variable labelled, checked or derived.

    Columns that the codebook does not describe stay as they were read: rules may use them.
    Of a piece of a table, `whole` tells the types of the described columns in all of it.
    """
    findings: list[Finding] = []
    columns: list[pl.Series] = []
    in_file = set(table.columns)
    for name, variable in protocol.variables.items():
        if variable.derive is None and name in in_file:
            series, found = labelled(table[name], variable, file)
            columns.append(series if whole is None else series.cast(whole[name]))
            findings += found
    for name in protocol.outcome_names:
        if name not in in_file or name in protocol.variables:
            continue
        if table[name].dtype.is_numeric():
            series, found = believable(table[name].cast(pl.Float64), file)
            columns.append(series)
            findings += (*found, _undescribed_outcome(name, file, labels=False))
        elif table[name].dtype == pl.String:
            findings.append(_undescribed_outcome(name, file, labels=True))
    frame = table.with_columns(columns)
    for name in derivation_order(protocol.variables):
        series, found = _derived(frame, protocol.variables[name], file)
        frame = frame.with_columns(series)
        findings += found
    made = set(frame.columns)
    for name, variable in protocol.variables.items():
        if name in made and variable.plausible is not None:
            findings += _beyond_limits(frame[name], variable, file)
    return frame, tuple(findings)


def _undescribed_outcome(name: str, file: str, *, labels: bool) -> Finding:
    if labels:
        told = say(
            "Column '{name}' decides the outcome, but is not described, so its labels are not "
            "checked: a third label or another spelling is judged by the rule as it stands.",
            name=name,
        )
        remedy = say(
            "Describe it in [variables.{name}] with levels = [...], all of its labels, and its "
            "timing; cells that hold another are then shown, and missing.",
            name=name,
        )
    else:
        told = say(
            "Column '{name}' decides the outcome, but is not described, so its values "
            "are not checked against limits.",
            name=name,
        )
        remedy = say(
            "Describe it in [variables.{name}] with its plausible limits, such as "
            "plausible = [0, 10] for a pain score, and its timing.",
            name=name,
        )
    return Finding("undescribed-outcome-column", "note", told, remedy, file=file, column=name)


def columns_in_use(protocol: Protocol) -> frozenset[str]:
    """Columns of the file that the protocol describes or reads."""
    return frozenset((*_needed(protocol), *protocol.variables))


def columns_of_values(protocol: Protocol) -> frozenset[str]:
    """Those of them whose values the analysis uses, not only to tell patients apart."""
    read = (name for name, use in _uses(protocol) if use != _PATIENT)
    return frozenset((*read, *protocol.variables))


def _derived(
    frame: pl.DataFrame, variable: Variable, file: str
) -> tuple[pl.Series, tuple[Finding, ...]]:
    name = variable.name
    try:
        raw = Expression.parse(str(variable.derive)).values(frame).alias(name)
    except ExpressionError as error:
        raise ProtocolError(f"'derive' in [variables.{name}]: {error}") from None
    except pl.exceptions.PolarsError:
        raise ProtocolError(
            f"'derive' in [variables.{name}] does not fit the columns that it names."
        ) from None
    findings: list[Finding] = []
    if name in frame.columns:
        findings.append(
            Finding(
                "derived-replaces-column",
                "warning",
                say(
                    "'{name}' is derived by the protocol and is a column of the file as well; "
                    "the derived values are used.",
                    name=name,
                ),
                say("Give the derived variable another name, or take 'derive' out."),
                file=file,
                column=name,
            )
        )
    unusable = absurd_values(raw)
    bad = rows_where(unusable)
    if bad:
        wording = Wording(
            "The derivation of '{name}' gives no finite number in {n} ({listed}), now missing.",
            "row",
            values=(("name", name),),
        )
        findings.append(
            Finding(
                "derived-not-finite",
                "warning",
                wording.of(bad),
                say("Look for zeros in a denominator, or for logarithms of zero."),
                file=file,
                column=name,
                rows=bad,
                wording=wording,
            )
        )
        raw = raw.set(unusable, None)
    series, found = labelled(raw, variable, file)
    return series, (*findings, *found)


def _beyond_limits(series: pl.Series, variable: Variable, file: str) -> tuple[Finding, ...]:
    if variable.plausible is None or not series.dtype.is_numeric():
        return ()
    low, high = variable.plausible
    rows = rows_where((series < low) | (series > high))
    if not rows:
        return ()
    wording = Wording(
        "Column '{name}': {n} {verb} beyond the plausible limits {low:g} to {high:g} "
        "({rows}); used as in the file.",
        "value",
        ("lies", "lie"),
        values=(
            ("name", variable.name),
            ("low", low),
            ("high", high),
        ),
    )
    return (
        Finding(
            "beyond-plausible",
            "warning",
            wording.of(rows),
            say("Compare the cells with the source, or widen the limits in the codebook."),
            file=file,
            column=variable.name,
            rows=rows,
            cells=cells_at(series, rows),
            wording=wording,
        ),
    )


def described_variables(protocol: Protocol, frame: pl.DataFrame) -> tuple[CohortVariable, ...]:
    """What the codebook says of each variable that the frame has."""
    made = set(frame.columns)
    return tuple(
        _described(variable, frame[name])
        for name, variable in protocol.variables.items()
        if name in made
    )


def _described(variable: Variable, series: pl.Series) -> CohortVariable:
    categorical = isinstance(series.dtype, pl.Enum)
    levels = tuple(series.dtype.categories) if isinstance(series.dtype, pl.Enum) else ()
    return CohortVariable(
        name=variable.name,
        label=variable.label,
        unit=variable.unit,
        kind="categorical" if categorical else "numeric",
        levels=levels,
        level_labels=variable.level_labels,
        timing=variable.timing,
        definition=variable.definition,
        summary=variable.summary,
        test=variable.test,
        plausible=variable.plausible,
        derive=variable.derive,
    )
