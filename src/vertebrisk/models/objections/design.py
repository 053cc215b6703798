"""Findings: controls that were sampled or matched, and several vertebrae of one patient."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.findings import Finding
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.text.messages import joined, say


def sampled_controls() -> Finding:
    """A case-control study, whose intercept belongs to the sample."""
    return Finding(
        code="case-control-risk",
        severity="error",
        message=say(
            "Controls were sampled, so predicted risks, calibration, predictive values "
            "and the decision curve hold for the sample only."
        ),
        remedy=say(
            "Use odds ratios and discrimination, not risks, or state the prevalence of "
            "the population in [sampling]."
        ),
        explanation=say("King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868."),
    )


def matched_controls(names: Sequence[str]) -> Finding:
    """Controls that were matched to their cases, which leaves no absolute risk."""
    return Finding(
        code="matched-controls",
        severity="error",
        message=say(
            "Controls were matched on {names}: neither the effects of these variables "
            "nor the intercept can be recovered, so there is no risk, no nomogram and no "
            "predictive value; calibration and net benefit hold for the sample only.",
            names=joined(names),
        ),
        remedy=say(
            "Use the odds ratios of the other variables. If each control belongs to one "
            "case, name the column of the sets as 'set' in [sampling]: the analysis is "
            "then conditional."
        ),
        explanation=say(
            "Matching makes controls like cases in the matched variables, whatever the "
            "population is like (Breslow and Day 1980, IARC Scientific Publications 32)."
        ),
    )


def no_risk_in_sets() -> Finding:
    """Matched sets, analysed as such, give odds ratios and no risk."""
    return Finding(
        code="no-risk-in-matched-sets",
        severity="note",
        message=say(
            "Controls were matched to their cases, so this study gives odds ratios and "
            "ranks inside the sets, but no absolute risk, calibration, net benefit or "
            "calculator."
        ),
        remedy=say(
            "For risks, fit the model in a cohort, or validate its linear predictor "
            "there and estimate the intercept."
        ),
        explanation=say(
            "How many patients have the event, and the effects of what was matched, were "
            "fixed by the choice of the controls (Breslow and Day 1980, IARC Scientific "
            "Publications 32)."
        ),
    )


def corrected_controls(sampling: ControlSampling) -> list[Finding]:
    """Risks that rest on the prevalence as much as on the patients."""
    source = sampling.source
    found = [
        Finding(
            code="prevalence-corrected",
            severity="note",
            message=say(
                "Controls were sampled; risks and performance hold for a population with a "
                "prevalence of {prevalence:.1%}.",
                prevalence=source.prevalence,
            ),
            remedy=say("Use the model where the outcome is about as frequent, or recalibrate it."),
            explanation=say("King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868."),
        )
    ]
    if source.n_cases is None:
        found.append(
            Finding(
                code="prevalence-taken-as-known",
                severity="note",
                message=say(
                    "The prevalence is taken for known, so the intervals of risks do not include "
                    "its uncertainty."
                ),
                remedy=say(
                    "State in [sampling] how many patients it was estimated from ('population')."
                ),
            )
        )
    return found


def clustered_tests(chosen: bool) -> Finding:
    """Tests that take the vertebrae of one patient for independent."""
    selection = say(", the choice of predictors") if chosen else ""
    return Finding(
        code="clustered-tests",
        severity="warning",
        message=say(
            "The tests of the group comparison, the intervals of sensitivity, "
            "specificity and predictive values{selection} take the vertebrae of one "
            "patient for independent.",
            selection=selection,
        ),
        remedy=say(
            "Prespecify the predictors and read the regression tables, or analyse one "
            "vertebra a patient."
        ),
        explanation=say(
            "Vertebrae of one patient resemble each other; tests that ignore it find too "
            "much. The errors of the regressions and the interval of the AUC are "
            "clustered, and whole patients are resampled."
        ),
    )
