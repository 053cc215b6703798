"""What stands in each row of a forest plot of pooled studies: texts, ends, weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.results import Pooled
from vertebrisk.evidence.pooling.study_estimates import NOT_STATED, Measure, StudyEstimate
from vertebrisk.report.figures.words import ENGLISH, numbers_of
from vertebrisk.text.numbers import Numbers

RowKind = Literal["heading", "study", "subtotal", "overall", "prediction", "note"]
Ends = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row: its texts, and where its estimate and limits lie on the axis.

    `texts` are what stands under the columns left of the axis, `shown` is the number with its
    interval. `weight` is in percent. A prediction interval has limits and no estimate.
    """

    kind: RowKind
    label: str
    texts: tuple[str, ...] = ()
    ends: Ends | None = None
    shown: str = ""
    weight: float | None = None


def column_heads(result: PooledPapers, words: Mapping[str, str]) -> tuple[str, ...]:
    """Heads of the columns between the study's name and the axis."""
    heads = [words["pool.definition"]] if _defined(result) else []
    if len(_sources(result)) > 1:
        heads.append(words["pool.kind"])
    return (*heads, words["pool.events_n"]) if _counted(result) else tuple(heads)


def axis_name(result: PooledPapers, words: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """What the axis shows; with the kind of the numbers where all are of one that has a name."""
    name = words[f"pool.effect.{result.evidence.measure}"]
    sources = _sources(result)
    if len(sources) > 1 or sources[0] in ("", "table"):
        return name
    return name + words["parenthesis"].format(text=kinds.get(sources[0], sources[0]))


def forest_rows(
    result: PooledPapers, words: Mapping[str, str], kinds: Mapping[str, str]
) -> tuple[ForestRow, ...]:
    """Every row from above; `kinds` are the words for what kind of number a study gives."""
    weights = dict(zip((e.study for e in result.evidence.estimates), result.weights, strict=True))
    rows: list[ForestRow] = []
    if result.subgroups is None:
        rows += [_study(each, result, weights, words, kinds) for each in result.evidence.estimates]
    else:
        for group in result.subgroups.groups:
            members = result.members(group.group)
            rows.append(ForestRow("heading", _typeset(group.group, words)))
            rows += [_study(each, result, weights, words, kinds) for each in members]
            if group.pooled.k > 1:
                share = sum(weights[each.study] for each in members)
                rows.append(_pooled("subtotal", group.pooled, result, share, words))
                rows.append(ForestRow("note", heterogeneity(group.pooled, words)))
    rows.append(_pooled("overall", result.pooled, result, 100.0, words))
    rows += _prediction(result, words)
    rows.append(ForestRow("note", heterogeneity(result.pooled, words)))
    groups = result.subgroups
    if groups is not None and groups.q is not None:
        numbers = numbers_of(words)
        text = words["pool.between"].format(
            value=numbers.estimate(groups.q, 2),
            df=groups.q_df,
            p=numbers.p_statement(groups.q_p_value),
        )
        rows.append(ForestRow("note", text))
    return tuple(rows)


def heterogeneity(pooled: Pooled, words: Mapping[str, str]) -> str:
    """How much the studies differ, in one line."""
    test = words["pool.lr" if pooled.model == "binomial-normal" else "pool.q"]
    numbers = numbers_of(words)
    return words["pool.heterogeneity"].format(
        tau2=numbers.estimate(pooled.tau2, 2),
        i2=numbers.estimate(pooled.i2, 0),
        test=test.format(value=numbers.estimate(pooled.q, 2)),
        df=pooled.q_df,
        p=numbers.p_statement(pooled.q_p_value),
    )


def shown_number(value: float, measure: Measure, numbers: Numbers) -> str:
    """A number as the columns print it; an incidence in percent, without its sign."""
    if measure == "incidence":
        return numbers.risk(value).rstrip("%")
    if measure in ("c-statistic", "slope"):
        return numbers.estimate(value, 3 if measure == "c-statistic" else 2)
    return numbers.ratio(value)


def _shown(ends: Ends, measure: Measure, words: Mapping[str, str]) -> str:
    numbers = numbers_of(words)
    estimate, low, high = (shown_number(end, measure, numbers) for end in ends)
    return words["interval"].format(estimate=estimate, limits=numbers.joined(low, high))


def _typeset(text: str, words: Mapping[str, str]) -> str:
    if text == NOT_STATED:
        return words["pool.not_stated"]
    return text.replace(">=", "\u2265").replace("<=", "\u2264")


def _definition(each: StudyEstimate, words: Mapping[str, str]) -> str:
    stated = [each.about.get(name, "") for name in ("threshold", "time_point")]
    return ", ".join(_typeset(text, words) for text in stated if text)


def _defined(result: PooledPapers) -> bool:
    """True if the outcomes of the studies are defined in more than one way."""
    return len({_definition(each, ENGLISH) for each in result.evidence.estimates}) > 1


def _counted(result: PooledPapers) -> bool:
    """True if the events and patients of any study are known."""
    return any(
        each.n_events is not None and each.n is not None for each in result.evidence.estimates
    )


def _sources(result: PooledPapers) -> tuple[str, ...]:
    """Kinds of the numbers, each once; that of an incidence is in its counts."""
    if result.evidence.measure == "incidence":
        return ("",)
    return tuple(dict.fromkeys(each.source for each in result.evidence.estimates))


def _study(
    each: StudyEstimate,
    result: PooledPapers,
    weights: Mapping[str, float],
    words: Mapping[str, str],
    kinds: Mapping[str, str],
) -> ForestRow:
    measure = result.evidence.measure
    texts = [_definition(each, words)] if _defined(result) else []
    if len(_sources(result)) > 1:
        texts.append(kinds.get(each.source, each.source))
    if _counted(result):
        known = each.n is not None and each.n_events is not None
        texts.append(f"{each.n_events} / {each.n}" if known else "\u2013")
    ends = (each.value, each.conf_low, each.conf_high)
    shown = _shown(ends, measure, words)
    return ForestRow("study", each.label, tuple(texts), ends, shown, weights[each.study])


def _pooled(
    kind: RowKind, pooled: Pooled, result: PooledPapers, weight: float, words: Mapping[str, str]
) -> ForestRow:
    natural = pooled.natural()
    ends = (natural.estimate, natural.conf_low, natural.conf_high)
    label = words["pool.all" if kind == "overall" else "pool.subtotal"]
    shown = _shown(ends, result.evidence.measure, words)
    return ForestRow(kind, label, (), ends, shown, weight)


def _prediction(result: PooledPapers, words: Mapping[str, str]) -> list[ForestRow]:
    natural, measure = result.pooled.natural(), result.evidence.measure
    low, high = natural.prediction_low, natural.prediction_high
    if low is None or high is None:
        return []
    numbers = numbers_of(words)
    shown = numbers.joined(*(shown_number(end, measure, numbers) for end in (low, high)))
    ends = (natural.estimate, low, high)
    return [ForestRow("prediction", words["pool.prediction"], (), ends, shown)]
