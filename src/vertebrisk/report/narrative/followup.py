"""Sentences on scores over follow-up and on the agreement of readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.comparison.repeated.results import ALL, MixedModel
from vertebrisk.report.main_numbers import with_interval
from vertebrisk.report.narrative.narration import ALPHA, Narration, tied
from vertebrisk.report.tables.followup import difference_unit
from vertebrisk.text.phrases import in_sentence

if TYPE_CHECKING:
    from vertebrisk.comparison.agreement.results import CategoricalAgreement, ContinuousAgreement
    from vertebrisk.report.results.followup import AgreementResult, FollowupResult


def followup(told: Narration) -> list[str]:
    """How each score changed, one paragraph a score, and what such a change is not."""
    results = told.result.followup
    paragraphs = [
        told.words.joined(_score(told, each, place)) for place, each in enumerate(results, start=1)
    ]
    return [*paragraphs, told.words("followup.caution")] if results else []


def _score(told: Narration, result: FollowupResult, place: int) -> list[str]:
    words, record = told.words, result.record
    chosen = words("followup.chosen", where=result.where) if result.where else ""
    sentences = [
        words(
            "followup.who",
            label=result.label,
            visits=len(record.visits),
            n=record.n,
            chosen=chosen,
        ),
        _first_to_last(told, result),
        _anova(told, result),
        _friedman(told, result),
        _interaction(told, result),
        _response(told, result),
        _missing(told, result),
    ]
    keys = [key for key in told.tables if key.startswith(f"followup_{place}_")]
    tables = words.listed([told.table(key) for key in keys])
    return [*sentences, words("followup.tables", tables=tables)]


def _first_to_last(told: Narration, result: FollowupResult) -> str:
    record, places = result.record, result.decimals
    first, last = record.visits[0], record.visits[-1]
    ends = {"earlier": first.name, "later": last.name, "group": ALL}
    change = next(
        each
        for each in record.changes
        if all(getattr(each, name) == value for name, value in ends.items())
    )
    if change.t_test.p_value is None:
        return ""
    before, after = record.summary(first.name).summary, record.summary(last.name).summary
    return told.words(
        "followup.from",
        first=told.numbers.mean_sd(before.mean, before.sd, places),
        first_label=in_sentence(first.label),
        last=told.numbers.mean_sd(after.mean, after.sd, places),
        last_label=in_sentence(last.label),
        change=with_interval((change.mean, change.conf_low, change.conf_high), told.words, places),
        p=tied(told.numbers.p_statement(change.t_test.p_holm)),
        dz=told.numbers.estimate(change.dz.estimate, 2),
    )


def _anova(told: Narration, result: FollowupResult) -> str:
    effect = next((each for each in result.record.complete.effects if each.effect == "visit"), None)
    if effect is None or "anova" not in result.tests or effect.p_value is None:
        return ""
    return told.words(
        "followup.anova",
        f=told.numbers.estimate(effect.statistic, 2),
        p=tied(told.numbers.p_statement(effect.p_greenhouse_geisser)),
    )


def _friedman(told: Narration, result: FollowupResult) -> str:
    found = result.record.complete.friedman
    if found is None or "friedman" not in result.tests or found.p_value is None:
        return ""
    return told.words(
        "followup.friedman",
        chi2=told.numbers.estimate(found.statistic, 2),
        p=tied(told.numbers.p_statement(found.p_value)),
        w=told.numbers.estimate(found.kendall_w, 2),
    )


def _interaction(told: Narration, result: FollowupResult) -> str:
    mixed = result.record.mixed
    effects = result.record.complete.effects if mixed is None else mixed.tests
    for each in effects:
        if each.effect == "group:visit" and each.p_value is not None:
            corrected = getattr(each, "p_greenhouse_geisser", None)
            p = each.p_value if corrected is None else corrected
            key = "followup.interaction_found" if p < ALPHA else "followup.interaction"
            return told.words(key, p=tied(told.numbers.p_statement(p)))
    return ""


def _response(told: Narration, result: FollowupResult) -> str:
    record = result.record
    last = [each for each in record.responders if each.group == ALL][-1:]
    if not last or last[0].share is None:
        return ""
    found = last[0]
    share = told.numbers.risk(found.share)
    limits = told.numbers.risk_limits(found.conf_low, found.conf_high)
    return told.words(
        "followup.response",
        count=found.count,
        n=found.n,
        share=f"{share}; 95\u00a0%\u00a0CI {limits}",
        mcid=f"{record.mcid:g}",
        unit=difference_unit(result.unit, told.words),
    )


def _missing(told: Narration, result: FollowupResult) -> str:
    record = result.record
    if record.mixed is None or record.groups:
        return ""
    change = _last_change(record.mixed)
    return told.words(
        "followup.missing",
        left_out=record.complete.left_out,
        change=with_interval((change[0], change[1], change[2]), told.words, result.decimals),
    )


def _last_change(mixed: MixedModel) -> tuple[float, float, float]:
    last = mixed.changes[-1]
    return last.estimate, last.conf_low, last.conf_high


def agreement(told: Narration) -> list[str]:
    """What two readers agreed on, variable by variable."""
    results = told.result.agreement
    sentences = [_readers(told, each) for each in results]
    if not results:
        return []
    return [told.words.joined(sentences), told.words("agreement.limits")]


def _readers(told: Narration, result: AgreementResult) -> str:
    from vertebrisk.comparison.agreement.results import CategoricalAgreement

    record = result.record
    if isinstance(record, CategoricalAgreement):
        return _categorical(told, result, record)
    return _continuous(told, result, record)


def _categorical(told: Narration, result: AgreementResult, record: CategoricalAgreement) -> str:
    name = "kappa_quadratic" if len(record.levels) > 2 else "kappa"
    found, clause = record.coefficient(name), ""
    if found.estimate is not None:
        clause = told.words(
            "agreement.with_kappa",
            name=told.words(f"agreement.text.{name}"),
            kappa=with_interval((found.estimate, found.conf_low, found.conf_high), told.words, 2),
        )
    return told.words(
        "agreement.categorical",
        first=result.readers[0],
        second=result.readers[1],
        label=in_sentence(result.label),
        share=told.numbers.risk(record.agreed),
        n=record.n,
        kappa=clause,
    )


def _continuous(told: Narration, result: AgreementResult, record: ContinuousAgreement) -> str:
    icc, bland, words = record.form("ICC(2,1)"), record.bland_altman, told.words
    label = in_sentence(result.label)
    space = "" if result.unit[:1] in ("", "°", "%") else "\u00a0"
    sentences = []
    if icc.estimate is not None:
        limits = with_interval((icc.estimate, icc.conf_low, icc.conf_high), told.words, 3)
        sentences.append(words("agreement.icc", label=label, icc=limits, n=record.n))
    sentences.append(
        words(
            "agreement.differ",
            label=label,
            first=result.readers[0],
            second=result.readers[1],
            bias=f"{told.numbers.estimate(abs(bland.bias), 2)}{space}{result.unit}",
            more=words("agreement.less" if bland.bias < 0 else "agreement.more"),
            lower=told.numbers.estimate(bland.lower, 2),
            upper=f"{told.numbers.estimate(bland.upper, 2)}{space}{result.unit}",
        )
    )
    if bland.slope_p is not None and bland.slope_p < ALPHA:
        p = tied(told.numbers.p_statement(bland.slope_p))
        sentences.append(words("agreement.proportional", p=p))
    return words.joined(sentences)
