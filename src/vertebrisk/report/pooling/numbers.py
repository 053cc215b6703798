"""How pooled numbers are printed, by what they measure."""

from __future__ import annotations

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.results import Pooled
from vertebrisk.evidence.pooling.study_estimates import NOT_STATED, Measure, StudyEstimate
from vertebrisk.report.words import Words
from vertebrisk.text import numbers
from vertebrisk.text.numbers import p_statement


def shown(value: float | None, measure: Measure) -> str:
    """One number as people read it: a share in percent, a ratio, a C-statistic."""
    if measure == "incidence":
        return numbers.risk(value)
    if measure == "c-statistic":
        return numbers.estimate(value, 3)
    if measure == "slope":
        return numbers.estimate(value, 2)
    return numbers.ratio(value)


def with_limits(
    value: float | None, low: float | None, high: float | None, measure: Measure
) -> str:
    """A number with its interval."""
    text = shown(value, measure)
    if low is None or high is None:
        return text
    return f"{text} ({shown(low, measure)} to {shown(high, measure)})"


def study_text(each: StudyEstimate, measure: Measure) -> str:
    """The number of one study with its interval."""
    return with_limits(each.value, each.conf_low, each.conf_high, measure)


def pooled_text(pooled: Pooled, measure: Measure) -> str:
    """The pooled number with its interval."""
    natural = pooled.natural()
    return with_limits(natural.estimate, natural.conf_low, natural.conf_high, measure)


def prediction_text(pooled: Pooled, measure: Measure) -> str:
    """The prediction interval, or an en dash."""
    natural = pooled.natural()
    low, high = natural.prediction_low, natural.prediction_high
    if low is None or high is None:
        return numbers.MISSING
    return f"{shown(low, measure)} to {shown(high, measure)}"


def tau2_text(pooled: Pooled) -> str:
    """The variance between studies with its interval."""
    return numbers.estimate_interval(pooled.tau2, pooled.tau2_low, pooled.tau2_high, 3)


def i2_text(pooled: Pooled) -> str:
    """I2 in percent with its interval."""
    text = f"{numbers.estimate(pooled.i2, 0)}%"
    if pooled.i2_low is None or pooled.i2_high is None:
        return text
    low, high = (numbers.estimate(end, 0) for end in (pooled.i2_low, pooled.i2_high))
    return f"{text} ({low} to {high})"


def q_text(pooled: Pooled, words: Words) -> str:
    """The test of heterogeneity."""
    name = words("pool.lr") if pooled.model == "binomial-normal" else "Q"
    return words(
        "pool.with_df",
        name=name,
        value=numbers.estimate(pooled.q, 2),
        df=pooled.q_df,
        p=p_statement(pooled.q_p_value),
    )


def method_text(pooled: Pooled, words: Words) -> str:
    """How the studies were pooled."""
    if pooled.model == "binomial-normal":
        return words("pool.model.binomial-normal")
    if pooled.method == "FE":
        return words("pool.model.common")
    named = words("pool.model.normal", method=pooled.method)
    return f"{named}, {words('pool.hartung_knapp')}" if pooled.test == "t" else named


def prediction_name(pooled: Pooled, words: Words) -> str:
    """The prediction interval with its degrees of freedom."""
    if pooled.prediction_df == "normal":
        return words("pool.prediction_normal")
    if pooled.prediction_df is None:
        return words("pool.prediction")
    return words("pool.prediction_on", df=pooled.prediction_df)


def title_text(result: PooledPapers, words: Words) -> str:
    """What is pooled, in one line."""
    evidence = result.evidence
    measure = words(f"pool.{evidence.measure}")
    title = evidence.title.text(words.language)
    compares = evidence.compares.text(words.language)
    if compares:
        return words("pool.title_compared", measure=measure, title=title, compares=compares)
    return words("pool.title", measure=measure, title=title) if title else measure


def definition_text(each: StudyEstimate, words: Words) -> str:
    """Threshold and time point of a study's outcome."""
    stated = [each.about.get(name, "") for name in ("threshold", "time_point")]
    known = [
        words("pool.not_stated") if text == NOT_STATED else typeset(text) for text in stated if text
    ]
    return ", ".join(known)


def typeset(text: str) -> str:
    """A threshold with the signs of print."""
    return text.replace(">=", "\u2265").replace("<=", "\u2264")


def property_text(name: str, words: Words) -> str:
    """What studies are grouped by, or regressed on."""
    return words.or_plain(f"pool.name.{name}", name)


def kind_text(each: StudyEstimate, words: Words) -> str:
    """What kind of number a study gives."""
    return words.or_plain(f"pool.kind.{each.source}", each.source)


def counts_text(each: StudyEstimate) -> str:
    """Events and patients of a study, where both are known."""
    if each.n is None or each.n_events is None:
        return numbers.MISSING
    return f"{each.n_events}/{each.n}"
