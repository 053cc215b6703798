"""The part of the R script that reads the file and keeps the patients that were analysed."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.design.nodes import Name, Power, names_in
from vertebrisk.design.syntax import parse_expression
from vertebrisk.errors import ArgumentError
from vertebrisk.report.reproduction.matched import keep_sets
from vertebrisk.report.reproduction.plan import PlanVariable, ReproducePlan
from vertebrisk.report.reproduction.r_code import r_code, r_names, r_string
from vertebrisk.report.reproduction.sampling import kept_rows
from vertebrisk.report.reproduction.survival import ENTRY, STATUS, TIME


def names_of(plan: ReproducePlan) -> dict[str, str]:
    """What each column and the outcome are called in R, by their names in the plan.

    Raises
    ------
    ArgumentError
        The plan names a column more than once.
    """
    columns = [variable.name for variable in plan.variables]
    columns += [name for name, _ in plan.derivations]
    repeated = {name for name in columns if columns.count(name) > 1}
    if repeated:
        raise ArgumentError(
            f"The plan of the R script names {sorted(repeated)} more than once; once is enough."
        )
    extra = [plan.cluster] if plan.cluster and plan.cluster not in columns else []
    return r_names([*columns, *extra, plan.outcome])


def _vector(values: Sequence[str]) -> str:
    return f"c({', '.join(r_string(value) for value in values)})" if values else "character(0)"


def read_patients(plan: ReproducePlan, names: dict[str, str]) -> str:
    """Lines that read the cells, derive and filter as the protocol does, and keep whole rows."""
    lines = ["# ---- data ---------------------------------------------------------------", ""]
    lines.append("cells <- read_cells(plan$data)")
    lines.append("patients <- data.frame(row = seq_along(cells[[1]]))")
    listed = {variable.name for variable in plan.variables}
    variables = list(plan.variables)
    if plan.cluster and plan.cluster not in listed:
        variables.append(PlanVariable(plan.cluster, "level"))
    lines += [_read(variable, names[variable.name]) for variable in variables]
    for name, source in plan.derivations:
        code = r_code(parse_expression(source), names)
        lines.append(f"patients${names[name]} <- with(patients, as.numeric({code}))")
    for rule, wanted in [(r, True) for r in plan.include] + [(r, False) for r in plan.exclude]:
        lines.append(_filter(rule, wanted, names))
    event = _rule(plan.event, names)
    lines.append(f"outcome <- with(patients, as.numeric({event}))")
    lines.append("patients <- patients[!is.na(outcome), , drop = FALSE]")
    lines.append("outcome <- outcome[!is.na(outcome)]")
    lines.append(f"patients${names[plan.outcome]} <- outcome")
    if plan.time:
        lines += _followed(plan, names)
    if plan.sampled:
        lines.append(_filter(plan.sampled, True, names))
    if plan.kept:
        lines.append(kept_rows(plan.kept))
    if plan.sets:
        lines.append(keep_sets(names[plan.sets], names[plan.outcome]))
    needed = plan.strata if plan.imputed else _needed(plan)
    if needed:
        columns = _vector([names[name] for name in needed])
        lines.append(f"patients <- patients[complete.cases(patients[{columns}]), , drop = FALSE]")
        if plan.sets:
            lines.append(keep_sets(names[plan.sets], names[plan.outcome]))
    return "\n".join([*lines, ""])


def _read(variable: PlanVariable, name: str) -> str:
    column, missing = f"cells[[{r_string(variable.name)}]]", _vector(variable.missing)
    if variable.kind == "number":
        return f"patients${name} <- as_number(blank({column}, {missing}))"
    if variable.kind == "date":
        return f'patients${name} <- as.Date(blank({column}, {missing}), format = "%Y-%m-%d")'
    if not variable.codes:
        return f"patients${name} <- factor(named({column}, {missing}))"
    codes = _vector([code for code, _ in variable.codes])
    labels = _vector([label for _, label in variable.codes])
    cells = f"named({column}, {missing}, {labels})"
    return f"patients${name} <- as_level({cells}, {codes}, {labels})"


def _rule(source: str, names: dict[str, str]) -> str:
    node = parse_expression(source)
    code = r_code(node, names)
    return f"({code} == 1)" if isinstance(node, Name) else code


def _filter(rule: str, wanted: bool, names: dict[str, str]) -> str:
    code = _rule(rule, names)
    kept = code if wanted else f"!({code})"
    return f"patients <- patients[with(patients, holds({kept})), , drop = FALSE]"


def _needed(plan: ReproducePlan) -> tuple[str, ...]:
    if plan.complete:
        return plan.complete
    used = [name for term in plan.formula_terms for name in names_in(parse_expression(term))]
    return tuple(dict.fromkeys(used))


def term_of(source: str, names: dict[str, str]) -> str:
    """One term of the formula; a power means arithmetic there, too."""
    node = parse_expression(source)
    code = r_code(node, names)
    return f"I{code}" if isinstance(node, Power) else code


def _followed(plan: ReproducePlan, names: dict[str, str]) -> list[str]:
    """Lines that add time, status and entry, and drop patients for whom one is missing."""
    lines = [f"patients${TIME} <- {_numeric(plan.time, names)}", f"patients${STATUS} <- outcome"]
    if plan.competing:
        rule = _rule(plan.competing, names)
        lines += [
            f"competing <- with(patients, as.numeric({rule}))",
            f"patients${STATUS}[which(competing == 1 & outcome == 0)] <- 2",
            f"patients${STATUS}[is.na(competing)] <- NA",
        ]
    added = [TIME, STATUS]
    if plan.entry:
        lines.append(f"patients${ENTRY} <- {_numeric(plan.entry, names)}")
        added.append(ENTRY)
    lines.append(
        f"patients <- patients[complete.cases(patients[{_vector(added)}]), , drop = FALSE]"
    )
    return lines


def _numeric(source: str, names: dict[str, str]) -> str:
    return f"with(patients, as.numeric({r_code(parse_expression(source), names)}))"
