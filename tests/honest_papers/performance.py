"""What a paper says of its model: AUC, C-index, sensitivity, goodness of fit."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, expit
from tests.honest_papers.cohorts import Cohort, Column
from tests.honest_papers.printing import Style
from tests.honest_papers.regressions import Regression

from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.kernels.ranks import delong_components


def area(event: BoolArray, score: FloatArray) -> float:
    """Area under the ROC curve."""
    return float(delong_components(event, score)[0].mean())


def delong_error(event: BoolArray, score: FloatArray) -> float:
    """Standard error of an AUC by DeLong."""
    over, under = delong_components(event, score)
    return float(np.sqrt(over.var(ddof=1) / over.size + under.var(ddof=1) / under.size))


def hanley_error(event: BoolArray, score: FloatArray) -> float:
    """Standard error of an AUC by Hanley and McNeil."""
    auc, n1 = area(event, score), int(event.sum())
    n0 = event.size - n1
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    total = auc * (1 - auc) + (n1 - 1) * (q1 - auc**2) + (n0 - 1) * (q2 - auc**2)
    return float(np.sqrt(total / (n1 * n0)))


def concordance(time: FloatArray, event: BoolArray, score: FloatArray) -> float:
    """Harrell's C: pairs in which who fails first has the higher score; ties by half."""
    earlier = (time[:, None] < time) | ((time[:, None] == time) & ~event)
    usable = event[:, None] & earlier
    higher = score[:, None] > score
    tied = score[:, None] == score
    return float((usable & higher).sum() + 0.5 * (usable & tied).sum()) / float(usable.sum())


def statistics(
    cohort: Cohort, fitted: Regression, style: Style, rng: np.random.Generator
) -> list[Json]:
    """Numbers of the text about the final model and the sample."""
    found = _sample(cohort, style, rng)
    if fitted.time is not None:
        if rng.random() < 0.7:
            c = concordance(fitted.time, fitted.event, fitted.eta)
            found.append(_number("c_index", style.number(c, int(rng.integers(2, 5)))))
        return found
    if rng.random() < 0.8:
        found += _discrimination(fitted, style, rng)
    if rng.random() < 0.35:
        shares = _classification(fitted, style, rng)
        if fitted.event.size < cohort.n:
            shares = [share | {"patients": "those with complete data"} for share in shares]
        found += shares
    if rng.random() < 0.3:
        found += _goodness(fitted, style)
    return found


def tried(
    others: Cohort, fitted: Regression, columns: list[Column], style: Style,
    rng: np.random.Generator,
) -> list[Json]:  # fmt: skip
    """The AUC of the final model in patients whom it has not seen."""
    known = np.all([column.known for column in others.columns], axis=0)
    event = others.event[known]
    if event.sum() < 2 or (~event).sum() < 2:
        return []
    by_name = {column.name: column.values[known] for column in others.columns}
    eta = np.full(event.size, float(fitted.beta[0]))
    for column in columns:
        beta = fitted.beta[fitted.spans[column.name]]
        values = by_name[column.name]
        eta += np.append(0.0, beta)[values.astype(int)] if column.levels else beta[0] * values
    text = style.number(area(event, eta), int(rng.integers(2, 5)))
    return [_number("auc", text, "AUC") | {"patients": "validation set"}]


def _number(name: str, value: str, label: str | None = None, place: str = "Results") -> Json:
    number: Json = {"name": name, "value": value, "place": place}
    return number | {"label": label} if label else number


def _sample(cohort: Cohort, style: Style, rng: np.random.Generator) -> list[Json]:
    events = int(cohort.event.sum())
    found = [
        _number("n", str(cohort.n), place="Abstract"),
        _number("n_events", str(events), place="Abstract"),
    ]
    if rng.random() < 0.5:
        found.append(_number("event_percent", style.percent(events / cohort.n), place="Abstract"))
    if rng.random() < 0.3:
        found.append(_number("n_without", str(cohort.n - events), place="Abstract"))
    if cohort.population is not None:
        n, with_event = cohort.population
        found += [_number("population", str(n)), _number("population_events", str(with_event))]
    levelled = [column for column in cohort.columns if column.kind == "levels"]
    if levelled and rng.random() < 0.4:
        column = levelled[rng.integers(len(levelled))]
        code = int(rng.integers(len(column.levels)))
        count = int((column.values == code).sum())
        about = {"variable": column.name, "level": column.levels[code]}
        found.append(_number("count", str(count)) | about)
        if column.known.all():
            found.append(_number("percent", style.percent(count / cohort.n)) | about)
    return found


def _discrimination(fitted: Regression, style: Style, rng: np.random.Generator) -> list[Json]:
    event, score = fitted.event, fitted.eta
    auc, decimals = area(event, score), int(rng.integers(2, 5))
    found = [_number("auc", style.number(auc, decimals), "AUC")]
    kind = rng.choice(["none", "delong", "hanley", "bootstrap"], p=[0.3, 0.4, 0.2, 0.1])
    if kind == "bootstrap":
        low, high = _bootstrapped(event, score, rng)
    else:
        error = delong_error(event, score) if kind == "delong" else hanley_error(event, score)
        low, high = auc - 1.959964 * error, auc + 1.959964 * error
        if rng.random() < 0.7:
            high = min(high, 1.0)
    if kind != "none":
        found.append(_number("auc_low", style.number(low, decimals), "AUC, lower limit"))
        found.append(_number("auc_high", style.number(high, decimals), "AUC, upper limit"))
    if rng.random() < 0.4:
        text = style.number(auc, int(rng.integers(2, 4)))
        found.append(_number(str(rng.choice(["auc", "c_index"])), text, "C-index", "Abstract"))
    return found


def _bootstrapped(
    event: BoolArray, score: FloatArray, rng: np.random.Generator
) -> tuple[float, float]:
    cases, controls = score[event], score[~event]
    truth = np.concatenate([np.ones(cases.size, np.bool_), np.zeros(controls.size, np.bool_)])
    areas = [
        area(truth, np.concatenate([rng.choice(cases, cases.size),
                                    rng.choice(controls, controls.size)]))
        for _ in range(200)
    ]  # fmt: skip
    low, high = np.quantile(areas, [0.025, 0.975])
    return float(low), float(high)


def _classification(fitted: Regression, style: Style, rng: np.random.Generator) -> list[Json]:
    risk, event = expit(fitted.eta), fitted.event
    cuts = np.unique(risk)
    youden = [float((risk[event] >= cut).mean() + (risk[~event] < cut).mean() - 1) for cut in cuts]
    cut = float(cuts[int(np.argmax(youden))]) if rng.random() < 0.7 else 0.5
    positive = risk >= cut
    values = {
        "sensitivity": float(positive[event].mean()),
        "specificity": float((~positive[~event]).mean()),
    }
    if rng.random() < 0.3:
        values["youden_index"] = values["sensitivity"] + values["specificity"] - 1
    if rng.random() < 0.3:
        values["accuracy"] = float((positive == event).mean())
        if 0 < positive.sum() < positive.size:
            values["ppv"] = float(event[positive].mean())
            values["npv"] = float((~event[~positive]).mean())
    percent = rng.random() < 0.5
    decimals = int(rng.integers(2, 5))
    return [
        _number(
            name,
            style.percent(share) + "%"
            if percent and name != "youden_index"
            else style.number(share, decimals),
        )
        for name, share in values.items()
    ]


def _goodness(fitted: Regression, style: Style) -> list[Json]:
    """Hosmer and Lemeshow's test over tenths of the risk."""
    risk, event = expit(fitted.eta), fitted.event
    cuts = np.unique(np.quantile(risk, np.linspace(0, 1, 11)))
    if cuts.size != 11:
        return []
    tenth = np.clip(np.searchsorted(cuts, risk, side="left") - 1, 0, 9)
    size = np.bincount(tenth, minlength=10)
    if size.min() == 0:
        return []
    expected = np.bincount(tenth, risk, 10)
    seen = np.bincount(tenth, event, 10)
    statistic = float(np.sum((seen - expected) ** 2 / (expected * (1 - expected / size))))
    return [
        _number("hosmer_lemeshow", style.statistic(statistic), "Hosmer-Lemeshow chi-square"),
        _number("hosmer_lemeshow_p", style.p_value(float(chdtrc(8, statistic))),
                "Hosmer-Lemeshow P"),
    ]  # fmt: skip
