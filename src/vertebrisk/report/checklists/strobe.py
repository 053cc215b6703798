"""STROBE for the factors of a run, in the variant of its design."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vertebrisk.report.checklists import analysis_facts as analysis
from vertebrisk.report.checklists import result_facts as results
from vertebrisk.report.checklists import study_facts as study
from vertebrisk.report.checklists.assembling import filled_list
from vertebrisk.report.checklists.content import Checklist, Filled
from vertebrisk.report.checklists.known import Known, figure, section, table
from vertebrisk.report.checklists.strobe_items import CASE_CONTROL_ITEMS, COHORT_ITEMS, SOURCE
from vertebrisk.report.narrative.patients import left_at


def _design_named(known: Known) -> Filled:
    design = known.words.or_plain(known.facts.design, known.facts.design)
    return known.say("partly", "design_named", design=design)


def _design(known: Known) -> Filled:
    design = known.words.or_plain(known.facts.design, known.facts.design)
    return known.say("reported", "design", section("statistical_methods"), design=design)


def _controls(known: Known) -> Filled:
    """Criteria, cases and controls."""
    criteria, flow = study.eligibility(known), known.flow
    told = known.words("fill.controls", cases=flow.n_events, controls=flow.n - flow.n_events)
    return known.filled("partly", [criteria.text, told], *criteria.places)


def _followed_patients(known: Known) -> Filled:
    criteria = study.eligibility(known)
    told = known.words("fill.how_followed")
    return known.filled("partly", [criteria.text, told], *criteria.places)


def _not_matched(known: Known) -> Filled:
    return known.say("none", "not_matched_cohort")


def _matched(known: Known) -> Filled:
    """What controls were matched on, and how many a case has."""
    matched, sampling = known.result.matched, known.protocol.sampling
    names = () if sampling is None else sampling.matched
    if matched is not None:
        on = known.labels(names) if names else known.words("fill.not_named")
        return known.say(
            "partly", "matched_on", section("matching"), table("matched_sets"),
            n=matched.n_sets, on=on,
        )  # fmt: skip
    if names:
        return known.say("partly", "matched_unset", section("findings"), on=known.labels(names))
    return known.say("none", "not_matched")


def _variables(known: Known) -> Filled:
    defined, outcome = study.definitions(known), study.outcome(known)
    return known.filled("partly", [outcome.text, defined.text], *outcome.places, *defined.places)


def _interactions(known: Known) -> Filled:
    """Interactions that were prespecified; subgroups there are none."""
    if known.crossed:
        names = known.listed(known.crossed)
        return known.say("reported", "interactions", table("shapes"), names=names)
    return known.say("none", "no_interactions")


def _loss(known: Known) -> Filled:
    """Censored where time is modelled, left out where it is not."""
    survival = known.result.survival
    if survival is not None:
        return known.say("reported", "loss_censored", section("survival"), n=survival.n_censored)
    lost = known.removed("outcome-missing")
    key = "loss_left_out" if lost else "no_loss"
    return known.say("reported", key, section("participants"), figure("flow"), n=lost)


def _matching_in_analysis(known: Known) -> Filled:
    if known.result.matched is not None:
        return known.say("reported", "conditional", section("matching"))
    if known.found("matched-controls"):
        return known.say("reported", "matching_ignored", section("findings"))
    return known.say("none", "not_matched")


def _sensitivity(known: Known) -> Filled:
    """Analyses beside the main one that answer the same question."""
    words, result = known.words, known.result
    parts, places = [], []
    if result.imputed is not None and result.imputed.complete is not None:
        parts.append(words("fill.beside_complete"))
        places.append(table("complete_cases"))
    if result.survival is not None and result.survival.beside is not None:
        parts.append(words("fill.beside_logistic"))
        places.append(table("logistic"))
    if result.sampling is not None and len(result.sampling.methods) > 1:
        parts.append(words("fill.beside_weighted"))
        places.append(table("sampling"))
    if result.instability is not None:
        parts.append(words("fill.beside_instability"))
        places.append(section("instability"))
    if not parts:
        return known.say("none", "no_sensitivity")
    return known.filled("reported", parts, *places)


def _reasons(known: Known) -> Filled:
    """Every step that somebody left at."""
    left = [step for step in known.flow.steps if step.removed]
    if not left:
        return known.say("reported", "nobody_left", section("participants"))
    shown = known.words.listed([left_at(known.told, step) for step in left])
    return known.say("reported", "left", section("participants"), figure("flow"), steps=shown)


def _diagram(known: Known) -> Filled:
    return known.say("reported", "diagram", figure("flow"))


def _events(known: Known) -> Filled:
    return known.say(
        "reported", "events", section("participants"), table("incidence"),
        n=known.flow.n, events=known.flow.n_events,
    )  # fmt: skip


def _exposure(known: Known) -> Filled:
    return known.say(
        "reported", "exposure", table("comparison"), n=len(known.result.comparison.variables)
    )


def _estimates(known: Known) -> Filled:
    """Each factor alone and together; a penalty has no intervals."""
    places = (table("univariable"), table("multivariable"))
    if known.result.penalised is not None:
        return known.say("reported", "estimates_penalised", *places)
    return known.say("partly", "estimates", *places)


def _boundaries(known: Known) -> Filled:
    leveled = [each for each in known.result.candidates.predictors if each.levels]
    if not leveled:
        return known.say("none", "no_categories")
    key = "boundaries_cut" if known.found("dichotomised-predictor") else "boundaries"
    return known.say("partly", key, table("comparison"), n=len(leveled))


def _absolute(known: Known) -> Filled:
    if known.result.matched is not None:
        return known.say("none", "no_absolute", section("no_risk"))
    return known.say("reported", "absolute", section("nomogram"), table("total"))


def _others(known: Known) -> Filled:
    """Sections beyond the main one."""
    keys = ("stability", "centres", "split", "followup", "agreement")
    found = [key for key in keys if getattr(known.result, key)]
    places = [
        *([] if known.result.matched is not None else [section("decision")]),
        *(section("univariable" if key == "stability" else key) for key in found),
    ]
    if not places:
        return known.say("none", "no_others")
    return known.say("reported", "others", *places)


def _key_results(known: Known) -> Filled:
    return known.say("partly", "key_results", section("summary"))


_SHARED: Mapping[str, Callable[[Known], Filled]] = {
    "1a": _design_named,
    "1b": study.open_item,
    "2": study.open_item,
    "3": study.objectives,
    "4": _design,
    "5": study.setting_and_dates,
    "7": _variables,
    "8": study.measurement,
    "9": study.open_item,
    "10": analysis.sample_size,
    "11": analysis.handling,
    "12a": analysis.model,
    "12b": _interactions,
    "12c": analysis.missing,
    "12e": _sensitivity,
    "13a": results.flow,
    "13b": _reasons,
    "13c": _diagram,
    "14a": results.characteristics,
    "14b": results.missing_by_variable,
    "16a": _estimates,
    "16b": _boundaries,
    "16c": _absolute,
    "17": _others,
    "18": _key_results,
    "19": results.limitations,
    "20": study.open_item,
    "21": results.next_steps,
    "22": study.open_item,
}
COHORT: Mapping[str, Callable[[Known], Filled]] = {
    **_SHARED,
    "6a": _followed_patients,
    "6b": _not_matched,
    "12d": _loss,
    "14c": results.follow_up,
    "15": _events,
}
CASE_CONTROL: Mapping[str, Callable[[Known], Filled]] = {
    **_SHARED,
    "6a": _controls,
    "6b": _matched,
    "12d": _matching_in_analysis,
    "15": _exposure,
}


def strobe(known: Known) -> Checklist:
    """The 22 items with their sub-items, for a cohort or for cases and controls."""
    if known.sampled:
        return filled_list(
            "strobe", CASE_CONTROL_ITEMS, CASE_CONTROL, SOURCE, known, "strobe_controls"
        )
    return filled_list("strobe", COHORT_ITEMS, COHORT, SOURCE, known)
