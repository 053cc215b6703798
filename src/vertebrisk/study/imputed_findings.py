"""What a reviewer would say of an imputation."""

from __future__ import annotations

import math

from vertebrisk.cohort import Cohort
from vertebrisk.findings import Finding
from vertebrisk.report.results_imputed import ImputedResult

LARGE_SHARE, MOST, NEARLY_ALL = 0.5, 0.5, 0.95
FEWEST = 5  # missing values from which on it tells in whom they are missing
_ALPHA = 0.05
_TESTS = {"pearson": "chi-square test", "fisher": "Fisher's test", "log-rank": "log-rank test"}
_WHITE = "White, Royston and Wood 2011, doi:10.1002/sim.4067"


def imputation_findings(found: ImputedResult, cohort: Cohort) -> list[Finding]:
    """Much that is missing, missing by outcome, too few imputations, nothing to impute from."""
    variables = [row for row in found.variables.to_dicts() if row["n_missing"]]
    return [
        *_share(found, cohort),
        *(each for row in variables for each in _mostly(row, cohort)),
        *(each for row in variables for each in _by_outcome(row, cohort)),
        *_few(found, cohort),
        *_alone(found),
    ]


def nothing_to_impute() -> Finding:
    """Every candidate is known of every patient."""
    return Finding(
        "nothing-to-impute",
        "note",
        "No candidate is missing in any patient, so nothing was imputed.",
        "Take [missing] out of the protocol.",
    )


def no_complete_model(error: Exception) -> Finding:
    """Complete cases allow no model, so that there is nothing to compare with."""
    return Finding(
        "no-complete-case-model",
        "warning",
        f"Patients with complete data allow no model to compare with: {error}",
        "Read the imputed estimates with care: they lean on the imputation model.",
    )


def _share(found: ImputedResult, cohort: Cohort) -> list[Finding]:
    share = found.n_incomplete / cohort.n
    if share <= LARGE_SHARE:
        return []
    return [
        Finding(
            "many-incomplete",
            "warning",
            f"{found.n_incomplete} of {cohort.n} patients ({share:.0%}) lack a candidate.",
            "Complete the data from the records, or leave out candidates that are often missing.",
            "The more is missing, the more the estimates lean on the imputation model "
            "(Sterne 2009, doi:10.1136/bmj.b2393).",
            file=cohort.data_name,
        )
    ]


def _mostly(row: dict[str, object], cohort: Cohort) -> list[Finding]:
    share = float(str(row["share"]))
    if share <= MOST:
        return []
    return [
        Finding(
            "mostly-missing",
            "error" if share >= NEARLY_ALL else "warning",
            f"'{row['variable']}' is missing in {share:.0%} of the patients.",
            "Leave it out of the candidates, unless it can be completed from the records.",
            "What is imputed of it is learnt from the few of whom it is known.",
            file=cohort.data_name,
            column=str(row["variable"]),
        )
    ]


def _by_outcome(row: dict[str, object], cohort: Cohort) -> list[Finding]:
    n, with_event, p_value = (row[name] for name in ("n_missing", "n_missing_event", "p_value"))
    assert isinstance(n, int)
    if n < FEWEST or p_value is None or not float(str(p_value)) < _ALPHA:
        return []
    one_sided = with_event in (0, n)
    seen, others = "with the event", "without the event"
    if cohort.survival is not None:
        seen, others = "who were seen to have the event", "who were not seen to have the event"
    if one_sided:
        whom = seen if with_event == n else others
        message = f"'{row['variable']}' is missing only in patients {whom}."
    else:
        message = (
            f"'{row['variable']}' is missing in {float(str(row['share_event'])):.0%} of the "
            f"patients {seen} and in {float(str(row['share_none'])):.0%} of the others "
            f"(P = {float(str(p_value)):.2g}, {_TESTS[str(row['test'])]})."
        )
    return [
        Finding(
            "missing-in-one-group" if one_sided else "missing-by-outcome",
            "warning",
            message,
            "Find out how the data came to be missing; if it was recorded because of the outcome, "
            "leave it out.",
            "Imputation with the outcome is sound where values are missing at random given what "
            "is known; it cannot repair values that were recorded because of the outcome.",
            file=cohort.data_name,
            column=str(row["variable"]),
        )
    ]


def _few(found: ImputedResult, cohort: Cohort) -> list[Finding]:
    wanted = math.ceil(100.0 * found.n_incomplete / cohort.n)
    if found.imputations >= wanted:
        return []
    return [
        Finding(
            "few-imputations",
            "warning",
            f"{found.imputations} imputations were made; {wanted}% of the patients are incomplete.",
            f"Write imputations = {wanted} in [missing].",
            "With at least as many imputations as percent of incomplete patients another seed "
            f"gives nearly the same results ({_WHITE}).",
        )
    ]


def _alone(found: ImputedResult) -> list[Finding]:
    if found.auxiliary:
        return []
    return [
        Finding(
            "no-auxiliary",
            "note",
            "Missing values were imputed from the candidates and the outcome alone.",
            "Name in 'auxiliary' of [missing] what goes with the missing values or with their "
            "being missing.",
            "Variables that tell something of what is missing make the assumption that values "
            f"are missing at random more plausible ({_WHITE}).",
        )
    ]
