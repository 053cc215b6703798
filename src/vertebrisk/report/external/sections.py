"""The sections of the page of a validation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from vertebrisk.models.external.results import CaseMix, Counts, ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.over_time import followed_text, numbered
from vertebrisk.report.external.source import Source
from vertebrisk.report.external.summary import benefit, with_limits
from vertebrisk.report.external.tables import labels, reason_text
from vertebrisk.report.page.building import Stock
from vertebrisk.report.page.content import Section
from vertebrisk.report.words import Words

ALIKE = 0.9  # of the SD of development: no C-index falls by less
FIGURES = ("flow", "calibration", "roc", "decision", "linear_predictor")


def captions(found: ExternalValidation, unit: str, words: Words) -> dict[str, str]:
    """Caption of every figure that the page may have, by key."""
    told = {f"external_{key}": words(f"figure.external.{key}") for key in FIGURES}
    for place, each in enumerate(found.horizons, start=1):
        by = words.time(each.horizon, unit)
        for key in ("calibration", "decision"):
            told[numbered(f"external_{key}", place)] = words(f"figure.external.{key}_at", time=by)
    return told


def sections(
    found: ExternalValidation, model: RiskModel, source: Source, stock: Stock, words: Words
) -> list[Section]:
    """Every section, in the order of the page."""
    section = partial(stock.told, "external", words)
    places = range(1, max(1, len(found.horizons)) + 1)
    people = [
        *_participants(found.counts, labels(model), words),
        *followed_text(found.followed, words),
    ]
    made = [
        section("participants", people, ["flow"], ["followed"] if found.horizons else []),
        section("measures", [], [], ["measures", "horizons"]),
        section(
            "calibration",
            [words("external.calibration.read")],
            [numbered("calibration", place) for place in places],
        ),
    ]
    if found.roc is not None:
        read = words("external.discrimination.read")
        made.append(section("discrimination", [read], ["roc"]))
    if found.decision is not None:
        drawn = [numbered("decision", place) for place in places]
        told = [words("external.decision.read"), *_benefits(found, model, source, words)]
        made.append(section("decision", told, drawn, ["decision", "classes"]))
    mix = _case_mix(found, words)
    made.append(section("case_mix", mix, ["linear_predictor"], ["case_mix"]))
    return made


def _benefits(
    found: ExternalValidation, model: RiskModel, source: Source, words: Words
) -> list[str]:
    """At each threshold asked, and by each horizon, whether the model gains."""
    if not found.horizons:
        return benefit(found.decision, source.thresholds, words)
    told = []
    for each in found.horizons:
        by = words.time(each.horizon, model.time_unit)
        said = benefit(each.decision, source.thresholds, words)
        told += [f"{by}{words('colon')}{words.joined(said)}"] if said else []
    return told


def _case_mix(found: ExternalValidation, words: Words) -> list[str]:
    """How these patients differ from the model's, and what that costs."""
    if found.linear_predictors is None:
        return [words("external.case_mix.no_linear")]
    mix = found.case_mix
    return [words("external.case_mix.read"), *_spread(mix, words), *_expected(mix, words)]


def _spread(mix: CaseMix, words: Words) -> list[str]:
    if mix.developed is None or mix.here is None:
        return []
    kind = "narrower" if mix.here.sd < ALIKE * mix.developed.sd else "wider"
    here, developed = (words.numbers.estimate(each.sd, 2) for each in (mix.here, mix.developed))
    return [words(f"external.case_mix.{kind}", here=here, developed=developed)]


def _expected(mix: CaseMix, words: Words) -> list[str]:
    told = []
    if mix.c_expected is not None:
        shown = words.numbers.estimate(mix.c_expected, 3)
        told.append(words("external.case_mix.expected", expected=shown))
    if mix.membership is not None:
        area = with_limits(mix.membership.c_index, words, 3)
        told.append(words("external.case_mix.membership", c=area))
    return told


def _participants(counts: Counts, names: Mapping[str, str], words: Words) -> list[str]:
    told = [words("external.participants.rows", n=counts.n, rows=counts.rows)]
    left = []
    if counts.outcome_missing:
        left.append(words("external.participants.outcome", n=counts.outcome_missing))
    if counts.not_scored:
        reasons = [
            f"{reason_text(reason, names, words)} {count}"
            for reason, count in counts.reasons.items()
        ]
        shown = words.listed(reasons)
        left.append(words("external.participants.not_scored", n=counts.not_scored, reasons=shown))
    told += [words.joined(left)] if left else []
    for key, found in (("averaged", counts.averaged), ("extrapolated", counts.extrapolated)):
        if found:
            inputs = [f"{names.get(name, name)} {count}" for name, count in found.items()]
            told.append(words(f"external.participants.{key}", inputs=words.listed(inputs)))
    return told
