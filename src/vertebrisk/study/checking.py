"""`check`: what is known of a study before anything is modelled, missing values among it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vertebrisk.cohort import Cohort, check_study
from vertebrisk.cohort.cohort import STRATUM
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import VertebriskError
from vertebrisk.findings import Finding
from vertebrisk.models.imputation.variables import check_told, plan_variables
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.study.candidates import varying_terms
from vertebrisk.study.centres import check_centres
from vertebrisk.study.imputed_findings import imputation_findings, nothing_to_impute
from vertebrisk.study.imputing import counted_missing, incomplete, taking_part
from vertebrisk.study.periods import check_split
from vertebrisk.study.specs import variable_info
from vertebrisk.study.units import check_folds
from vertebrisk.text.messages import reason, say


def checked_study(
    path: Path, data: Path | None = None
) -> tuple[Cohort | None, tuple[Finding, ...]]:
    """The cohort of a protocol and all findings on its data; see `cohort.check_study`.

    Where candidates are missing, what a run would say of that is said here: who would leave,
    or how much would be imputed and from whom. ``cannot-run`` says that a run would stop.
    """
    cohort, findings = check_study(path, data)
    if cohort is None:
        return None, findings
    protocol = load_protocol(path, other_data=data is not None)
    return cohort, (*findings, *missing_findings(protocol, cohort))


def missing_findings(protocol: Protocol, cohort: Cohort) -> tuple[Finding, ...]:
    """What a run would say of missing candidates."""
    terms, _ = varying_terms(cohort, parse_terms(protocol.model_terms))
    names = list(dict.fromkeys(name for term in terms for name in term.variables))
    strata = protocol.analysis.strata
    lacking = any(cohort.frame[name].null_count() for name in names)
    imputes = protocol.missing.imputes and lacking
    try:
        left = cohort.complete(strata, STRATUM) if imputes else cohort.complete((*names, *strata))
        check_centres(protocol, left)
        check_split(protocol, left)
        check_folds(protocol, left)
        found = [each for each in left.findings if each not in cohort.findings]
        if imputes:
            found += _imputed(protocol, left, terms)
        elif protocol.missing.imputes:
            found.append(nothing_to_impute())
    except VertebriskError as error:
        return (
            Finding(
                "cannot-run",
                "error",
                reason(error),
                say("Correct this first."),
                file=cohort.data_name,
            ),
        )
    return tuple(found)


def _imputed(protocol: Protocol, cohort: Cohort, terms: tuple[WrittenTerm, ...]) -> list[Finding]:
    names, passive = taking_part(protocol, cohort, terms)
    missing = protocol.missing
    methods = {name: each for name, each in missing.methods.items() if name in names}
    plan_variables(cohort.frame, names, methods, passive, variable_info(cohort, protocol, "en"))
    candidates = [name for term in terms for name in term.variables]
    check_told(cohort.frame, candidates, cohort.event, followed=cohort.survival is not None)
    n_incomplete = int(np.sum(incomplete(cohort, terms)))
    variables = counted_missing(protocol, cohort, names)
    return imputation_findings(variables, n_incomplete, missing, cohort)
