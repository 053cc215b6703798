"""What a reviewer would say of an imputation."""

from __future__ import annotations

import math

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.cohort import Cohort
from vertebrisk.findings import Finding
from vertebrisk.protocol.missing import Missing
from vertebrisk.text.messages import reason, say

LARGE_SHARE, MOST, NEARLY_ALL = 0.5, 0.5, 0.95
TOGETHER = 10  # patients of whom two variables should both be known
FEWEST = 5  # missing values from which on it tells in whom they are missing
_ALPHA = 0.05
_TESTS = {
    "pearson": say("chi-square test"),
    "fisher": say("Fisher's test"),
    "log-rank": say("log-rank test"),
}
_WHITE = say("White, Royston and Wood 2011, doi:10.1002/sim.4067")


def imputation_findings(
    variables: pl.DataFrame, n_incomplete: int, missing: Missing, cohort: Cohort
) -> list[Finding]:
    """Much that is missing, missing by outcome, too few imputations, nothing to impute from.

    `variables` has the columns of `missingness`, a row a variable that takes part.
    """
    rows = [row for row in variables.to_dicts() if row["n_missing"]]
    helped = bool(set(missing.auxiliary) & set(variables["variable"]))
    return [
        *_share(n_incomplete, cohort),
        *(each for row in rows for each in _mostly(row, cohort)),
        *(each for row in rows for each in _by_outcome(row, cohort)),
        *_apart([str(row["variable"]) for row in rows], cohort),
        *_few(n_incomplete, missing.imputations, cohort),
        *([] if helped else [_alone()]),
    ]


def nothing_to_impute() -> Finding:
    """Every candidate is known of every patient."""
    return Finding(
        "nothing-to-impute",
        "note",
        say("No candidate is missing in any patient, so nothing was imputed."),
        say("Take [missing] out of the protocol."),
    )


def no_complete_model(error: Exception) -> Finding:
    """Complete cases allow no model, so that there is nothing to compare with."""
    return Finding(
        "no-complete-case-model",
        "warning",
        say(
            "Patients with complete data allow no model to compare with: {error}",
            error=reason(error),
        ),
        say("Read the imputed estimates with care: they lean on the imputation model."),
    )


def _share(n_incomplete: int, cohort: Cohort) -> list[Finding]:
    share = n_incomplete / cohort.n
    if share <= LARGE_SHARE:
        return []
    return [
        Finding(
            "many-incomplete",
            "warning",
            say(
                "{n_incomplete} of {n} patients ({share:.0%}) lack a candidate.",
                n_incomplete=n_incomplete,
                n=cohort.n,
                share=share,
            ),
            say(
                "Complete the data from the records, or leave out candidates that are often "
                "missing."
            ),
            say(
                "The more is missing, the more the estimates lean on the imputation model "
                "(Sterne 2009, doi:10.1136/bmj.b2393)."
            ),
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
            say(
                "'{variable}' is missing in {share:.0%} of the patients.",
                variable=row["variable"],
                share=share,
            ),
            say("Leave it out of the candidates, unless it can be completed from the records."),
            say("What is imputed of it is learnt from the few of whom it is known."),
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
    seen, others = say("with the event"), say("without the event")
    if cohort.survival is not None:
        seen = say("who were seen to have the event")
        others = say("who were not seen to have the event")
    if one_sided:
        whom = seen if with_event == n else others
        message = say(
            "'{variable}' is missing only in patients {whom}.", variable=row["variable"], whom=whom
        )
    else:
        message = say(
            "'{variable}' is missing in {share_event:.0%} of the patients {seen} and in "
            "{share_none:.0%} of the others (P = {p_value:.2g}, {test}).",
            variable=row["variable"],
            share_event=float(str(row["share_event"])),
            seen=seen,
            share_none=float(str(row["share_none"])),
            p_value=float(str(p_value)),
            test=_TESTS[str(row["test"])],
        )
    return [
        Finding(
            "missing-in-one-group" if one_sided else "missing-by-outcome",
            "warning",
            message,
            say(
                "Find out how the data came to be missing; if it was recorded because of the "
                "outcome, leave it out."
            ),
            say(
                "Imputation with the outcome is sound where values are missing at random "
                "given what is known; it cannot repair values that were recorded because of "
                "the outcome."
            ),
            file=cohort.data_name,
            column=str(row["variable"]),
        )
    ]


def _apart(names: list[str], cohort: Cohort) -> list[Finding]:
    """Pairs of variables that are hardly ever known of the same patient."""
    known = {name: cohort.frame[name].is_not_null() for name in names}
    pairs = [
        (first, second, int((known[first] & known[second]).sum()))
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]
    apart = [each for each in pairs if each[2] < TOGETHER]
    if not apart:
        return []
    shown = [f"'{first}' and '{second}' ({n})" for first, second, n in apart]
    return [
        Finding(
            "never-known-together",
            "warning",
            say(
                "Variables are known together of fewer than {together} patients: {shown}.",
                together=TOGETHER,
                shown=listed(shown, 3),
            ),
            say("Keep one of them, or complete both in some of the patients."),
            say(
                "How they go together is then assumed by the imputation, not learnt from the "
                "data, and the effect of one given the other rests on that."
            ),
            file=cohort.data_name,
        )
    ]


def _few(n_incomplete: int, imputations: int, cohort: Cohort) -> list[Finding]:
    wanted = math.ceil(100.0 * n_incomplete / cohort.n)
    if imputations >= wanted:
        return []
    return [
        Finding(
            "few-imputations",
            "warning",
            say(
                "{imputations} imputations are asked for; {wanted}% of the patients are "
                "incomplete.",
                imputations=imputations,
                wanted=wanted,
            ),
            say("Write imputations = {wanted} in [missing].", wanted=wanted),
            say(
                "With at least as many imputations as percent of incomplete patients another "
                "seed gives nearly the same results ({white}).",
                white=_WHITE,
            ),
        )
    ]


def _alone() -> Finding:
    return Finding(
        "no-auxiliary",
        "note",
        say("Missing values are imputed from the candidates and the outcome alone."),
        say(
            "Name in 'auxiliary' of [missing] what goes with the missing values or with "
            "their being missing."
        ),
        say(
            "Variables that tell something of what is missing make the assumption that "
            "values are missing at random more plausible ({white}).",
            white=_WHITE,
        ),
    )
