"""`fit_fine_gray`: data, formula and the meaning of each status in, a fitted model out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, IntArray, SelectionMethod, TimeUnit
from vertebrisk.design.build import VariableInfo, build_design, needed_columns
from vertebrisk.design.design import level_text
from vertebrisk.design.formulas import SurvivalFormula, parse_survival_formula
from vertebrisk.design.nodes import Name
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import ArgumentError, DataError, ExpressionError, FewEventsWarning
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.fine_gray_inference import fine_gray_inference
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.fitted import UsedRows
from vertebrisk.models.likelihoods import SubdistributionLikelihood
from vertebrisk.models.objections.events import few_timed_events
from vertebrisk.models.preparing import check_estimable, cluster_codes
from vertebrisk.models.selection.choosing import check_selection, selection_findings
from vertebrisk.models.statuses import (
    COMPETING,
    EVENT,
    StatusRule,
    Values,
    code_status,
    no_competing_event,
    several,
)
from vertebrisk.models.survival.checking import (
    checked_horizons,
    refuse_dependent,
    refuse_infinite,
)
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.models.survival.reading import TimedRows, read_rows, read_strata


def fit_fine_gray(
    formula: str,
    data: object,
    *,
    event: Values,
    competing: Values,
    censored: Values | None = None,
    censoring_strata: str | None = None,
    select: SelectionMethod | Selection = "prespecified",
    cluster: str | None = None,
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> FineGrayFit:
    """Which factors go with a higher risk of the event, where some die before it?

    Fine and Gray's regression of the cumulative incidence: covariates multiply the hazard of
    its subdistribution. The prognosis of a patient who may die first is this model's; whether a
    factor hastens the event itself is a question for a Cox model of the event.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ a + rcs(b, 4) + C(d, ref="x") + e:f``. The time runs from 0 to
        the first of event, competing event and last contact; the status is a column of labels
        or codes that says which of them it was.
    data : frame
        polars, pandas or pyarrow, one row a patient. Rows with a missing time, status or
        predictor are left out and counted in `n_dropped`.
    event, competing : value or list of values
        Which values of the status mean the event, and which the competing event, such as
        ``event="leakage", competing="death"`` or ``event=1, competing=[2, 3]``.
    censored : value or list of values, optional
        Which mean neither. It may be left out where a single value is left over.
    censoring_strata : str, optional
        Column of groups with a censoring curve each, as ``cengroup`` of crr.
    select : {"prespecified", "univariable", "backward"} or Selection
        How predictors are chosen among the candidates. The ratio tests are those of the
        pseudo-likelihood, which are approximate.
    cluster : str, optional
        Column that names the patient where rows are vertebrae: errors are clustered, and
        whole patients are resampled.
    horizons : sequence of float, optional
        Times by which risks are wanted, the principal one first. By default round times
        near the quartiles of the event times.
    time_unit : {"hours", "days", "weeks", "months", "years"}, optional
        Unit of all times.
    info : mapping, optional
        Labels, units and level orders by variable.

    Returns
    -------
    FineGrayFit
        Ties are Breslow's, as in crr. Without a competing event it is a Cox model with
        Breslow's ties and robust errors, and a finding says so.

    Raises
    ------
    ArgumentError
        When one value of the status has two meanings.
    DataError
        A column is missing or unusable, times are negative, no event occurs, or a value of the
        status has no meaning.
    ExpressionError
        The formula is not in the grammar, or has an entry time or strata.
    FitError
        No finite or unique estimate exists; the message names the term.

    Warns
    -----
    FewEventsWarning
        Fewer than 10 events per candidate parameter.

    References
    ----------
    Fine and Gray 1999, doi:10.1080/01621459.1999.10474144. R's ``cmprsk::crr``.
    """
    if not isinstance(formula, str):
        raise ArgumentError(
            "formula comes first and is a text, such as 'Surv(months, status) ~ ivc + cement'."
        )
    selection = select if isinstance(select, Selection) else Selection(select)
    parsed = parse_survival_formula(formula)
    column = _status_column(parsed)
    frame = as_polars(data)
    needed_columns(frame, [column])
    status = code_status(frame[column], event, competing, censored)
    rows, status = _read(frame, parsed, status, [cluster, censoring_strata])
    fit = fit_fine_gray_prepared(
        rows.frame,
        rows.times.exit,
        status,
        parsed.terms,
        selection,
        formula=formula,
        outcome_name=_named(column, event),
        competing_name=_named(column, competing),
        censoring_strata=None
        if censoring_strata is None
        else read_strata(rows.frame, [censoring_strata])[0],
        clusters=None if cluster is None else cluster_codes(rows.frame[cluster]),
        horizons=horizons,
        time_unit=time_unit,
        info=info,
        n_dropped=rows.n_dropped,
        findings=rows.findings,
    )
    for finding in fit.findings:
        if finding.code == "few-events":
            warnings.warn(finding.message, FewEventsWarning, stacklevel=2)
    rule = StatusRule(column, event, competing, censored)
    return replace(fit, rows=UsedRows(rows.positions, frame.height, rule))


def _status_column(parsed: SurvivalFormula) -> str:
    """The column of the left side; a rule would say the event and leave the rest to a guess."""
    if parsed.entry is not None or parsed.strata:
        raise ExpressionError(
            "A Fine-Gray model has neither an entry time nor strata(); leave them out. Groups "
            "that are censored differently are given as censoring_strata."
        )
    node = parsed.event.node
    if not isinstance(node, Name):
        raise ExpressionError(
            f"'{parsed.event.source}' is a rule; fit_fine_gray takes the column of the status, "
            "Surv(time, status), and the values as event= and competing=."
        )
    return node.value


def _read(
    frame: pl.DataFrame, parsed: SurvivalFormula, status: IntArray, columns: Sequence[str | None]
) -> tuple[TimedRows, IntArray]:
    """Complete rows with their times, and the status of each."""
    known = frame[parsed.event.names[0]].is_not_null()
    failed = pl.Series(status == EVENT).set(~known, None)
    rows = read_rows(frame, parsed, [name for name in columns if name is not None], failed)
    return rows, status[rows.positions]


def _named(column: str, values: Values) -> str:
    """What an event is called: its labels, or the column with its codes."""
    texts = [level_text(value) for value in several(values)]
    if all(isinstance(value, str) for value in several(values)):
        return " or ".join(texts)
    return f"{column} = {' or '.join(texts)}"


def fit_fine_gray_prepared(
    frame: pl.DataFrame,
    exit: FloatArray,
    status: IntArray,
    terms: Sequence[WrittenTerm],
    selection: Selection,
    *,
    formula: str,
    outcome_name: str,
    competing_name: str,
    censoring_strata: IntArray | None = None,
    clusters: IntArray | None = None,
    horizons: Sequence[float] | None = None,
    time_unit: str = "",
    info: Mapping[str, VariableInfo] | None = None,
    n_dropped: Mapping[str, int] | None = None,
    findings: Sequence[Finding] = (),
) -> FineGrayFit:
    """Fit on complete rows; status is 0 censored, 1 the event, 2 the competing event.

    See `fit_fine_gray`.
    """
    n, n_events = exit.size, int((status == EVENT).sum())
    n_competing = int((status == COMPETING).sum())
    if n_events == 0:
        raise DataError(
            f"None of {n} patients with complete data has the event '{outcome_name}', and "
            f"{n_competing} have the competing event; a Fine-Gray model has nothing to go by. "
            "Check which value means the event."
        )
    when = checked_horizons(horizons, SurvivalTimes(exit, status == EVENT))
    if time_unit:
        check_choice(time_unit, "time_unit", TimeUnit)
    design, codes = build_design(frame, terms, info)
    matrix = design.matrix(codes) if design.terms else np.empty((n, 0))
    likelihood = SubdistributionLikelihood(exit, status, censoring_strata)
    development = Development(design, matrix, likelihood, selection, codes, clusters)
    check_estimable(design, matrix, selection)
    check_selection(development)
    everyone = np.ones((1, n))
    chosen = development.select(everyone)[0]
    columns = matrix[:, development.term_columns(chosen)]
    final = design.keep(term.name for term, use in zip(design.terms, chosen, strict=True) if use)
    fits = likelihood.fit(columns, everyone).fits
    assert isinstance(fits, CoxFits)
    refuse_infinite(final, fits, columns, outcome_name)
    refuse_dependent(final, fits, columns, likelihood)
    inference = fine_gray_inference(
        columns,
        exit,
        status,
        fits.beta[0],
        fits.information[0],
        censoring_strata=censoring_strata,
        clusters=clusters,
    )
    found = [*few_timed_events(n_events, len(design.columns)), *findings]
    found += no_competing_event(status, competing_name)
    found += selection_findings(development, len(final.terms))
    return FineGrayFit(
        formula=formula,
        design=final,
        beta=fits.beta[0],
        cov=inference.covariance,
        covariance_kind="robust" if clusters is None else "cluster",
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(fits.null_log_likelihood[0]),
        n=n,
        n_events=n_events,
        n_competing=n_competing,
        n_dropped=dict(n_dropped or {}),
        development=development,
        chosen=chosen,
        clusters=clusters,
        inference=inference,
        horizons=when,
        time_unit=time_unit,
        findings=tuple(found),
        outcome=outcome_name,
        competing=competing_name,
    )
