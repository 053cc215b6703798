"""How pooled numbers are printed, by what they measure."""

from __future__ import annotations

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.evidence.pooling.results import Pooled
from vertebrisk.evidence.pooling.study_estimates import NOT_STATED, Measure, StudyEstimate
from vertebrisk.report.tables.table import Cell, number
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import Numbers


def value_cell(
    value: float | None, low: float | None, high: float | None, measure: Measure
) -> Cell:
    """A number with its interval as people read it: a share in percent, a ratio, a C-statistic."""
    if measure == "incidence":
        return number("risk_interval", value, low, high, decimals=1)
    if measure in ("c-statistic", "slope"):
        return number("estimate_interval", value, low, high, decimals=_decimals(measure))
    return number("ratio_interval", value, low, high, decimals=2)


def limits_cell(low: float | None, high: float | None, measure: Measure) -> Cell:
    """Two limits of such a number."""
    if measure == "incidence":
        return number("risk_limits", low, high, decimals=1)
    if measure in ("c-statistic", "slope"):
        return number("interval", low, high, decimals=_decimals(measure))
    return number("ratio_limits", low, high, decimals=2)


def _decimals(measure: Measure) -> int:
    return 3 if measure == "c-statistic" else 2


def study_cell(each: StudyEstimate, measure: Measure) -> Cell:
    """The number of one study with its interval."""
    return value_cell(each.value, each.conf_low, each.conf_high, measure)


def pooled_cell(pooled: Pooled, measure: Measure) -> Cell:
    """The pooled number with its interval."""
    natural = pooled.natural()
    return value_cell(natural.estimate, natural.conf_low, natural.conf_high, measure)


def prediction_cell(pooled: Pooled, measure: Measure) -> Cell:
    """The prediction interval, or an en dash."""
    natural = pooled.natural()
    return limits_cell(natural.prediction_low, natural.prediction_high, measure)


def tau2_cell(pooled: Pooled) -> Cell:
    """The variance between studies with its interval."""
    return number("estimate_interval", pooled.tau2, pooled.tau2_low, pooled.tau2_high)


def i2_limits(pooled: Pooled, numbers: Numbers) -> str:
    """The interval of I2, in percent; nothing where there is none."""
    if pooled.i2_low is None or pooled.i2_high is None:
        return ""
    return numbers.interval(pooled.i2_low, pooled.i2_high, 0)


def i2_text(pooled: Pooled, numbers: Numbers) -> str:
    """I2 in percent with its interval."""
    limits = i2_limits(pooled, numbers)
    text = numbers.percent(pooled.i2, 0)
    return f"{text} ({limits})" if limits else text


def q_text(pooled: Pooled, words: Words) -> str:
    """The test of heterogeneity."""
    name = words("pool.lr") if pooled.model == "binomial-normal" else "Q"
    return words(
        "pool.with_df",
        name=name,
        value=words.numbers.estimate(pooled.q, 2),
        df=pooled.q_df,
        p=words.numbers.p_statement(pooled.q_p_value),
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


def counts_cell(each: StudyEstimate) -> Cell:
    """Events and patients of a study, where both are known."""
    return number("counts", each.n_events, each.n)
