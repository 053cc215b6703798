"""The questions of PROBAST on the analysis, answered from a run."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.analysis import ENOUGH, TOO_FEW
from vertebrisk.report.checklists.known import Known, figure, file, section, table
from vertebrisk.report.checklists.probast_answers import Said, said
from vertebrisk.report.main_numbers import corrected_estimate, usable


def answers(known: Known) -> Iterator[Said]:
    """Answers 4.1 to 4.9."""
    yield _enough(known)
    yield _handled(known)
    yield _all_analysed(known)
    yield _missing(known)
    yield _selection(known)
    yield _complexities(known)
    yield _measures(known)
    yield _optimism(known)
    yield said(
        known, "4.9", "Y", "weights", section("multivariable"), table("multivariable"),
        file("model.json"),
    )  # fmt: skip


def _enough(known: Known) -> Said:
    """Events for each candidate parameter, and Riley's criteria where they hold."""
    each, size = known.events_each, known.result.size
    if each is None:
        return said(known, "4.1", "NI", "no_candidate", section("multivariable"))
    shown = {
        "events": known.rarer,
        "parameters": known.parameters,
        "each": known.words.numbers.estimate(each, 1),
        "of": known.rarer_word,
    }
    places = (section("size"), table("size")) if size is not None else (section("participants"),)
    if each < TOO_FEW:
        return said(known, "4.1", "N", "few", *places, limit=TOO_FEW, **shown)
    if each < ENOUGH:
        return said(known, "4.1", "PN", "few", *places, limit=ENOUGH, **shown)
    if size is None:
        return said(known, "4.1", "PY", "enough", *places, **shown)
    needed = size.expected.n
    if size.expected.enough:
        return said(known, "4.1", "Y", "enough_criteria", *places, needed=needed, **shown)
    return said(known, "4.1", "PN", "criteria_unmet", *places, needed=needed, **shown)


def _handled(known: Known) -> Said:
    """Numbers that were cut lose information; a straight line is an assumption."""
    places = (section("multivariable"), table("shapes"))
    if known.found("dichotomised-predictor"):
        return said(known, "4.2", "N", "cut", section("findings"))
    if not known.final.terms:
        return said(known, "4.2", "NA", "empty", *places)
    numeric = known.numeric
    if not numeric:
        return said(known, "4.2", "PY", "no_numbers", *places)
    straight = [each.variable for each in numeric if each.kind == "plain"]
    if straight:
        return said(known, "4.2", "PN", "straight", *places, names=known.labels(straight))
    names = known.labels(each.variable for each in numeric)
    return said(known, "4.2", "Y", "curved", *places, names=names)


def _all_analysed(known: Known) -> Said:
    places = (section("participants"), figure("flow"))
    if known.lost:
        eligible = known.flow.n + known.lost
        return said(known, "4.3", "PN", "lost", *places, lost=known.lost, n=eligible)
    return said(known, "4.3", "Y", "all_analysed", *places, n=known.flow.n)


def _missing(known: Known) -> Said:
    """Imputed, complete, or left out."""
    imputed, left = known.result.imputed, known.removed("predictor-missing")
    if imputed is not None:
        return said(
            known, "4.4", "Y", "imputed", section("imputation"), table("missingness"),
            k=imputed.n_incomplete, n=known.flow.n, tables=imputed.imputations,
        )  # fmt: skip
    if left:
        return said(
            known, "4.4", "N", "complete_cases", section("participants"), figure("flow"),
            k=left, n=known.flow.n + left,
        )  # fmt: skip
    return said(known, "4.4", "Y", "none_missing", section("comparison"), n=known.flow.n)


def univariable(known: Known) -> bool:
    """True where candidates were chosen one at a time, in halves of the patients or in all."""
    stability = known.result.stability
    by_halves = stability is not None and stability.learner == "univariable"
    return known.facts.selection == "univariable" or by_halves


def _selection(known: Known) -> Said:
    place = section("univariable" if known.result.univariable else "statistical_methods")
    if univariable(known):
        return said(known, "4.5", "N", "one_at_a_time", place, section("findings"))
    if known.result.penalised is not None:
        return said(known, "4.5", "Y", "by_penalty", section("multivariable"))
    if known.facts.selection == "prespecified":
        return said(known, "4.5", "Y", "fixed_beforehand", section("statistical_methods"))
    return said(known, "4.5", "Y", "jointly", section("statistical_methods"), section("validation"))


def _complexities(known: Known) -> Said:
    """Sampling, time, competing events, several rows of one patient."""
    found = known.result
    for codes, key in (
        (("time-zero", "events-at-one-time"), "no_time"),
        (("cause-specific-risk",), "competing_ignored"),
        (("rows-of-one-patient",), "rows_ignored"),
    ):
        if known.found(*codes):
            return said(known, "4.6", "PN", key, section("findings"))
    if found.matched is not None:
        return said(known, "4.6", "PY", "sets", section("matching"))
    if known.sampled and not known.corrected:
        key = "matching_ignored" if known.found("matched-controls") else "uncorrected"
        return said(known, "4.6", "N", key, section("findings"))
    if known.removed("outcome-missing") and found.survival is None:
        n = known.removed("outcome-missing")
        return said(known, "4.6", "PN", "outcome_lost", section("participants"), n=n)
    if known.sampled:
        return said(known, "4.6", "PY", "corrected", section("sampling"))
    if found.survival is not None:
        if known.facts.model == "fine-gray":
            return said(known, "4.6", "PY", "competing", section("survival"))
        return said(known, "4.6", "NI", "censoring", section("survival"))
    key = "clusters" if known.facts.unit == "vertebra" else "all_known"
    return said(known, "4.6", "PY", key, section("participants"))


def calibrated(known: Known) -> bool:
    """True where there is a calibration curve or a corrected slope of risks."""
    if known.result.matched is not None:
        return False
    survival = known.result.survival
    if survival is None:
        return known.result.validation.calibration.frame.height > 0
    return any(each.calibration is not None for each in survival.horizons)


def _measures(known: Known) -> Said:
    places = (section("discrimination"), section("calibration"))
    if not calibrated(known):
        return said(known, "4.7", "PN", "no_calibration", section("discrimination"))
    shown = known.result.validation.table.filter(measure="c_index")["conf_low"]
    bare = known.result.c_index.conf_low is None and shown.null_count() == shown.len()
    return said(known, "4.7", "Y", "both_shown_bare" if bare else "both_shown", *places)


def _optimism(known: Known) -> Said:
    """Whether performance is corrected, by what, and what that repeats."""
    words, validation = known.words, known.result.validation
    places = (section("validation"), table("performance"))
    shown = {"scheme": words.scheme, "resamples": validation.resamples, "repeated": known.repeated}
    if not known.final.terms:
        return said(known, "4.8", "NA", "empty", *places)
    if not usable(corrected_estimate(known.result, "c_index")[0]):
        return said(known, "4.8", "PN", "not_corrected", *places, **shown)
    return said(known, "4.8", "Y", "repeated", *places, **shown)
