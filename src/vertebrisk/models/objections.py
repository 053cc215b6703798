"""Findings about an analysis: what a reviewer would object to, said first, with a way out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.models.selection.stability import Stability
from vertebrisk.text.messages import joined, say
from vertebrisk.text.phrases import term
from vertebrisk.text.plurals import agreeing, counted

EVENTS_PER_PARAMETER = 10
INFLATION_LIMIT = 10.0
OPTIMISM_LIMIT = 0.05
SLOPE_LIMIT = 0.9
CURVE_LIMIT = 200
SEPARATED_SHARE = 0.05


def few_events(n: int, n_events: int, parameters: int) -> list[Finding]:
    """Fewer than ten events, or non-events, for each candidate parameter."""
    smaller = min(n_events, n - n_events)
    return _few(smaller, "event" if smaller == n_events else "non-event", parameters)


def few_timed_events(n_events: int, parameters: int) -> list[Finding]:
    """Fewer than ten events for each candidate parameter of a Cox model."""
    return _few(n_events, "event", parameters)


def _few(count: int, noun: str, parameters: int) -> list[Finding]:
    if parameters == 0 or count >= EVENTS_PER_PARAMETER * parameters:
        return []
    return [
        Finding(
            code="few-events",
            severity="warning",
            message=say(
                "{events} for {candidate_parameters}: {ratio:.1f} a parameter.",
                events=counted(count, noun),
                candidate_parameters=counted(parameters, "candidate parameter"),
                ratio=count / parameters,
            ),
            remedy=say(
                "Prespecify fewer candidates, collect more patients, or shrink the "
                "coefficients; read the optimism-corrected performance, not the apparent one."
            ),
            explanation=say(
                "With few events a parameter, coefficients are unstable and too extreme, and "
                "performance on the same patients flatters (Riley et al. 2020, "
                "doi:10.1136/bmj.m441)."
            ),
        )
    ]


def univariable_screening(candidates: int, chosen: int) -> Finding:
    """Predictors were chosen by their own p values."""
    return Finding(
        code="univariable-screening",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by their univariable p values.",
            chosen=chosen,
            candidates=candidates,
        ),
        remedy=say(
            "Prespecify predictors from clinical knowledge; where the screen is kept, "
            "repeat it inside the validation, as is done here."
        ),
        explanation=say(
            "Screening one variable at a time misses confounded predictors, keeps chance "
            "findings, and makes Wald intervals and p values of the final model too "
            "optimistic (Sun et al. 1996, doi:10.1016/0895-4356(96)00025-X; PROBAST)."
        ),
    )


def refitted_after_lasso(candidates: int, chosen: int) -> Finding:
    """Predictors were chosen by the lasso and fitted anew without a penalty."""
    return Finding(
        code="refit-after-lasso",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by the lasso and fitted "
            "anew without a penalty.",
            chosen=chosen,
            candidates=candidates,
        ),
        remedy=say(
            "For a model that predicts, keep the shrunken coefficients (estimator = "
            "lasso); where the refit is kept, read the intervals of the repeated "
            "procedure and shrink by its slope."
        ),
        explanation=say(
            "The refit gives back the shrinkage that the lasso paid for its choice, so "
            "its coefficients lie too far from zero, and its Wald intervals and P values "
            "take the predictors for prespecified (Taylor and Tibshirani 2015, "
            "doi:10.1073/pnas.1507583112; Heinze et al. 2018, "
            "doi:10.1002/bimj.201700067)."
        ),
    )


def chosen_by_stability(candidates: int, chosen: int, asked: Stability) -> Finding:
    """Predictors were chosen by stability selection, with the bound on false choices."""
    sharper = asked.unimodal_bound(candidates)
    also = (
        ""
        if sharper is None
        else say(" (or {sharper:.2g} if their shares have one mode)", sharper=sharper)
    )
    return Finding(
        code="stability-selection",
        severity="note",
        message=say(
            "{chosen} of {candidates} candidates were chosen in at least {threshold:g} % "
            "of {pairs} halves of the patients, each of which chose {chosen_per_half}; "
            "of candidates no better than chance at most {bound:.2g} are expected among "
            "them{also}.",
            chosen=chosen,
            candidates=candidates,
            threshold=100 * asked.threshold,
            pairs=2 * asked.pairs,
            chosen_per_half=asked.chosen_per_half(candidates),
            bound=asked.bound(candidates),
            also=also,
        ),
        remedy=say(
            "Read which candidates were chosen, not that others do not matter; read the "
            "intervals of the repeated procedure."
        ),
        explanation=say(
            "The bound is on candidates chosen in a half no more often than the average "
            "one (Shah and Samworth 2013, doi:10.1111/j.1467-9868.2011.01034.x). It is "
            "cautious, so weak predictors are left out, and the coefficients of the "
            "others are fitted as if they had been prespecified."
        ),
    )


def data_driven_selection(candidates: int, chosen: int, method: str) -> Finding:
    """Predictors were chosen by the data in another way."""
    return Finding(
        code="data-driven-selection",
        severity="warning",
        message=say(
            "{chosen} of {candidates} candidates were chosen by {method} selection.",
            chosen=chosen,
            candidates=candidates,
            method=term(method),
        ),
        remedy=say("Prespecify predictors, or read the intervals of the repeated procedure."),
        explanation=say(
            "Coefficients of selected predictors are biased away from zero and their "
            "Wald intervals are too narrow (Heinze et al. 2018, "
            "doi:10.1002/bimj.201700067)."
        ),
    )


def nothing_selected(*, in_sets: bool = False) -> Finding:
    """No candidate was chosen; `in_sets` tells a model of matched sets."""
    left = (
        say("cases and controls of a set cannot be told apart")
        if in_sets
        else say("the model is the mean risk, the same for everyone")
    )
    return Finding(
        code="nothing-selected",
        severity="warning",
        message=say("No candidate was chosen: {left}.", left=left),
        remedy=say("Report that no predictor was found; do not relax the rule after the fact."),
    )


_KEPT_LOGISTIC = say(
    "They are kept for C, Dxy, R2, Brier and the curves, whose limits exist, and "
    "left out of slope, intercept and the linear Emax, which are therefore too "
    "favourable. The limit of R2 describes the separating level alone and is low."
)
_KEPT_FOLLOWED = say(
    "They are kept for C, Dxy and the measures at the horizons, whose limits "
    "exist, and left out of R2, slope, observed/expected, D, U, Q and g, which "
    "are therefore too favourable."
)


_KEPT_SETS = say("They are kept for C and Dxy, whose limits exist, and left out of the slope.")
_LEFT_OUT = say("They are left out, so that the corrected performance is too favourable.")
KeptOf = Literal["binary", "followed", "sets", "imputed", "pieces"]


def separated_resamples(
    count: int, resamples: int, *, kept: KeptOf = "binary", drawn: bool = True
) -> list[Finding]:
    """Resamples without a finite estimate; `kept` tells which measures they are kept for.

    `drawn` is False where patients were left out in turn, and a "resample" is the others.
    """
    if count == 0:
        return []
    return [
        Finding(
            code="separated-resamples",
            severity="warning" if count > SEPARATED_SHARE * resamples else "note",
            message=say(
                "{count} of {resamples} {made} ({share:.1%}) have no finite "
                "maximum-likelihood estimate.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
                share=count / resamples,
            ),
            remedy=say("Merge rare levels, or shrink the coefficients."),
            explanation=_KEPT[kept],
        )
    ]


_KEPT: dict[KeptOf, str] = {
    "binary": _KEPT_LOGISTIC,
    "followed": _KEPT_FOLLOWED,
    "sets": _KEPT_SETS,
    "imputed": _LEFT_OUT,
    "pieces": _LEFT_OUT,
}


def _made(drawn: bool) -> str:
    return say("resamples") if drawn else say("models of the validation")


def level_lost(count: int, resamples: int, *, drawn: bool = True) -> list[Finding]:
    """Resamples that left a column without information; `drawn` as in `separated_resamples`."""
    if count == 0:
        return []
    return [
        Finding(
            code="level-lost-in-resamples",
            severity="note",
            message=say(
                "In {count} of {resamples} {made} a level was held by no patient, or two "
                "columns said the same.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
            ),
            remedy=say("Merge rare levels."),
            explanation=say(
                "There, patients with such a level are scored as if they had the reference level."
            ),
        )
    ]


def failed_resamples(
    count: int, resamples: int, *, imputed: bool = False, drawn: bool = True
) -> list[Finding]:
    """Resamples with one outcome class only, or where some is imputed without any value of it.

    `drawn` as in `separated_resamples`.
    """
    if count == 0:
        return []
    unknown = say(", or no value of some variable,") if imputed else ""
    return [
        Finding(
            code="failed-resamples",
            severity="warning",
            message=say(
                "{count} of {resamples} {made} held patients of one outcome only{unknown} "
                "and were left out.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
                unknown=unknown,
            ),
            remedy=say(
                "Collect more events; a validation that loses {lost} flatters the model.",
                lost=say("resamples") if drawn else say("models"),
            ),
        )
    ]


def few_for_curve(n: int, n_events: int) -> list[Finding]:
    """Too few events or non-events for a smoothed calibration curve."""
    smaller = min(n_events, n - n_events)
    if smaller >= CURVE_LIMIT:
        return []
    return [
        Finding(
            code="calibration-curve-unreliable",
            severity="note",
            message=say(
                "The calibration curve rests on {smaller} patients in the smaller outcome "
                "group; {curve_limit} are wanted.",
                smaller=smaller,
                curve_limit=CURVE_LIMIT,
            ),
            remedy=say(
                "Read calibration from intercept and slope; the curve is drawn with its band."
            ),
            explanation=say("Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005."),
        )
    ]


def optimism(
    apparent: float,
    corrected: float | None,
    slope: float | None,
    *,
    imputed: bool = False,
    drawn: bool = True,
) -> list[Finding]:
    """The apparent performance flatters; of an imputed study in part because values lack.

    `drawn` as in `separated_resamples`; `corrected` and `slope` None where they are not known.
    """
    found = []
    lacking = _LACKING if imputed else ""
    where = say("when the development is repeated on resamples")
    if not drawn:
        where = say("in patients whom the model was made without")
    if corrected is not None and apparent - corrected >= OPTIMISM_LIMIT:
        found.append(
            Finding(
                code="optimism",
                severity="warning",
                message=say(
                    "The apparent C-index of {apparent:.3f} falls to {corrected:.3f} {where}.",
                    apparent=apparent,
                    corrected=corrected,
                    where=where,
                ),
                remedy=say("Quote the corrected value as the performance to be expected."),
                explanation=say(
                    "Apparent performance is measured on the patients that shaped the "
                    "model.{lacking}",
                    lacking=lacking,
                ),
            )
        )
    if slope is not None and slope < SLOPE_LIMIT:
        found.append(
            Finding(
                code="overfitting",
                severity="warning",
                message=say(
                    "The expected calibration slope in new patients is {slope:.2f}: high risks "
                    "are predicted too high and low risks too low.",
                    slope=slope,
                ),
                remedy=say(
                    "Shrink the coefficients, or prespecify fewer candidates, before the model "
                    "is used on patients."
                ),
                explanation=say(
                    "Steyerberg 2019, doi:10.1007/978-3-030-16399-0, chapter 13.{lacking}",
                    lacking=lacking,
                ),
            )
        )
    return found


_LACKING = say(
    " Patients with a missing value are imputed for this without their outcome, as new patients "
    "would be: a part of the fall is what is lost by not knowing the value, and is regained where "
    "it is recorded."
)


def inflated(vif: pl.DataFrame, design: Design) -> list[Finding]:
    """Terms whose standard errors are blown up by the others.

    Variables with an interaction or several terms are left out: they repeat one another by
    construction, and that does no harm.
    """
    uses = Counter(name for term in design.terms for name in term.variables)
    plain = [term.name for term in design.terms if all(uses[name] == 1 for name in term.variables)]
    high = vif.filter(pl.col("gvif_scaled") ** 2 > INFLATION_LIMIT, pl.col("term").is_in(plain))
    terms = high["term"].to_list()
    if not terms:
        return []
    return [
        Finding(
            code="collinearity",
            severity="warning",
            message=say(
                "The variance of {terms} is inflated more than {inflation_limit:g} times by "
                "the other predictors.",
                terms=joined(terms),
                inflation_limit=INFLATION_LIMIT,
            ),
            remedy=say("Keep one of the predictors that say the same, or combine them."),
        )
    ]


_CUT = re.compile(
    r"^\s*(<|>|≤|≥|＜|＞)=?\s*-?\d"  # < 60
    r"|^\D{0,3}\d{2,}(\.\d+)?\s*(-|–|—|~|～|to|至)\s*\d{2,}(\.\d+)?\b"  # 60-70
    r"|\b(under|over|below|above|older|younger|less|more|greater)\b.*\d"
    r"|\d.*\b(and|or)\s+(over|above|older|more|less|younger|below)\b"
    r"|\d\s*岁?\s*(及|或)?(以上|以下)",
    re.IGNORECASE,
)


def dichotomised(levels: Mapping[str, Sequence[str]], derived: Mapping[str, str]) -> list[Finding]:
    """Categories that look like a number cut into groups, and cuts that are derived.

    `levels` holds the labels of each categorical candidate, `derived` the source of each
    derived one.
    """
    cut = [name for name, labels in levels.items() if any(_CUT.search(label) for label in labels)]
    cut += [name for name, source in derived.items() if re.search(r"[<>]", source)]
    cut = list(dict.fromkeys(cut))
    if not cut:
        return []
    return [
        Finding(
            code="dichotomised-predictor",
            severity="warning",
            message=say(
                "{variables} {are} cut into groups.",
                variables=joined(cut),
                are=agreeing(len(cut), "is a number", "are numbers"),
            ),
            remedy=say("Enter the measured value, with a spline where the effect may bend."),
            explanation=say(
                "Cutting loses information and invents a step at the cut-point (Royston et "
                "al. 2006, doi:10.1002/sim.2331)."
            ),
        )
    ]


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
