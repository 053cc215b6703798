"""What a run says to items on results, on what is open to others, and on what follows."""

from __future__ import annotations

from vertebrisk.findings import count_by_severity
from vertebrisk.report.checklists.content import Filled
from vertebrisk.report.checklists.known import Known, figure, file, section, table
from vertebrisk.report.findings_text import finding_title
from vertebrisk.report.main_numbers import (
    corrected_estimate,
    is_intercept_only,
    predictors,
    usable,
    with_interval,
    with_range,
)


def protocol_file(known: Known) -> Filled:
    """The protocol that the run followed."""
    name = known.protocol.path.name
    return known.say("partly", "protocol", file("manifest.json"), name=name)


def data_sharing(known: Known) -> Filled:
    """Which file, by name and hash."""
    facts = known.facts
    return known.say("partly", "sharing", section("provenance"), file=facts.data_name)


def code_sharing(known: Known) -> Filled:
    """Which program, and the script that repeats it."""
    script = () if known.facts.in_pieces else (file("reproduce.R"),)
    return known.say(
        "partly",
        "code_pieces" if known.facts.in_pieces else "code",
        *script,
        file("manifest.json"),
        section("provenance"),
        version=known.facts.version,
    )


def flow(known: Known) -> Filled:
    """Numbers read, analysed, with and without the event; follow-up."""
    found, followed = known.flow, _followed(known)
    return known.say(
        "reported",
        "flow",
        section("participants"),
        figure("flow"),
        *((section("survival"),) if known.result.survival is not None else ()),
        n_read=found.n_read,
        n=found.n,
        events=found.n_events,
        without=found.n - found.n_events,
        followed=followed,
    )


def _followed(known: Known) -> str:
    """Median follow-up and how it ended."""
    survival, words = known.result.survival, known.words
    if survival is None:
        return ""
    median = survival.follow_up.median
    length = "" if median is None else words(
        "fill.median_follow_up",
        median=words.numbers.estimate(median, 1),
        unit=words.duration(survival.time_unit),
    )  # fmt: skip
    ended = words(
        "fill.ended_competing" if survival.competing_rule else "fill.ended",
        censored=survival.n_censored,
        competing=survival.n_competing,
    )
    return words.joined([length, ended])


def follow_up(known: Known) -> Filled:
    """Follow-up time alone."""
    if known.result.survival is not None:
        return known.filled("reported", [_followed(known)], section("survival"))
    scores = known.result.followup
    if scores:
        labels = known.words.listed([each.label for each in scores])
        return known.say("partly", "followed_scores", section("followup"), labels=labels)
    return known.say("partly", "fixed_time", time_point=known.facts.time_point)


def characteristics(known: Known) -> Filled:
    """Table of the outcome groups."""
    return known.say(
        "partly",
        "characteristics",
        section("comparison"),
        table("comparison"),
        n=len(known.result.comparison.variables),
        first=known.result.comparison.groups[0].n,
        second=known.result.comparison.groups[1].n,
    )


def missing_by_variable(known: Known) -> Filled:
    """How many values each compared variable lacks."""
    lacking = [each for each in known.result.comparison.variables if sum(each.missing)]
    if not lacking:
        return known.say("reported", "none_lacking", table("comparison"))
    shown = [f"{each.label}{known.words.bracketed(str(sum(each.missing)))}" for each in lacking]
    return known.say(
        "reported",
        "lacking",
        table("comparison"),
        table("missingness"),
        variables=known.listed(shown),
    )


def compared_with_development(known: Known) -> Filled:
    """Only a split by time has two groups to compare."""
    return known.say("none", "no_evaluation")


def analysed(known: Known) -> Filled:
    """Patients and events of every analysis."""
    words, result = known.words, known.result
    parts = [words("fill.analysed", n=known.flow.n, events=known.flow.n_events)]
    imputed = result.imputed
    if imputed is not None and imputed.complete is not None:
        whole = imputed.complete
        parts.append(words("fill.analysed_complete", n=whole.n, events=whole.n_events))
    if result.split is not None:
        early, late = result.split.earlier, result.split.later
        parts.append(
            words(
                "fill.analysed_split",
                early=early.n,
                early_events=early.n_events,
                late=late.n,
                late_events=late.n_events,
            )
        )
    parts.append(words("fill.analysed_validation", resamples=result.validation.resamples))
    failed = result.validation.n_failed
    parts.append(words("fill.analysed_failed", n=failed) if failed else "")
    places = (section("multivariable"), section("validation"), table("split"))
    return known.filled("reported", parts, *places)


def specification(known: Known) -> Filled:
    """The equation, the file of the model, the calculator."""
    result, words = known.result, known.words
    places = [section("multivariable"), table("multivariable"), file("model.json")]
    if is_intercept_only(result):
        return known.say("reported", "mean_only", *places)
    if result.matched is not None:
        return known.say("partly", "specified_sets", *places)
    baseline = words("fill.baseline") if result.survival is not None else ""
    calculator = "" if known.found("no-calculator") else words("fill.calculator")
    if calculator:
        places.append(file("calculator.html"))
    return known.say("partly", "specified", *places, baseline=baseline, calculator=calculator)


def final_predictors(known: Known) -> Filled:
    """Which predictors the model has."""
    found = predictors(known.result)
    if not found:
        return known.say("reported", "mean_only", section("multivariable"))
    places = (section("multivariable"), table("multivariable"))
    return known.say("reported", "final", *places, names=known.listed(found))


def performance(known: Known) -> Filled:
    """C-index and slope, apparent and corrected, with their intervals."""
    result, words = known.result, known.words
    apparent = result.c_index
    told = [
        words(
            "fill.c_apparent",
            value=with_interval((apparent.estimate, apparent.conf_low, apparent.conf_high), words),
        )
    ]
    corrected, slope = corrected_estimate(result, "c_index"), corrected_estimate(result, "slope")
    if usable(corrected[0]):
        told.append(words("fill.c_corrected", value=with_interval(corrected, words)))
    if usable(slope[0]):
        told.append(words("fill.slope", value=with_range(slope, words)))
    told.append(words("fill.no_subgroups"))
    places = (section("discrimination"), table("performance"), section("calibration"))
    kept = places if result.matched is None else places[:2]
    return known.filled("partly", told, *kept)


def across_centres(known: Known) -> Filled:
    """Performance by centre, with a prediction interval."""
    centres = known.result.centres
    if centres is None:
        return known.say("none", "no_centres")
    return known.say(
        "reported",
        "by_centre",
        section("centres"),
        figure("centres"),
        table("centres"),
        n=centres.table.height,
    )


def limitations(known: Known) -> Filled:
    """What the run objects to itself."""
    words, findings = known.words, known.result.findings
    raised = [each for each in findings if each.severity != "note"]
    if not raised:
        return known.say("partly", "nothing_raised", section("limits"), section("findings"))
    counts = count_by_severity(raised)
    titles = list(dict.fromkeys(finding_title(each.code, words.language) for each in raised))
    return known.say(
        "partly",
        "raised",
        section("findings"),
        section("limits"),
        errors=counts["error"],
        warnings=counts["warning"],
        titles=known.listed(titles),
    )


def poor_inputs(known: Known) -> Filled:
    """What the model does with a missing or strange input."""
    key = "inputs_average" if known.facts.at_bedside == "average" else "inputs_ask"
    return known.say("partly", key, section("limits"), file("model.json"))


def users(known: Known) -> Filled:
    """What is entered by hand."""
    if known.found("no-calculator"):
        return known.open
    inputs = known.final.variables
    return known.say(
        "partly", "inputs", file("calculator.html"), n=len(inputs), names=known.labels(inputs)
    )


def next_steps(known: Known) -> Filled:
    """What the run says is still needed."""
    return known.say("partly", "next", section("limits"))
