"""Models compared on one cohort, in plain words."""

from __future__ import annotations

import polars as pl

from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.external.remarks import FEW_EVENTS
from vertebrisk.report.external.source import share_text
from vertebrisk.report.external.summary import ratio_text, verdict
from vertebrisk.report.tables.performance import decision_rows
from vertebrisk.report.words import Words
from vertebrisk.validation.results import estimate_in

SHOWN = 0.05  # P below which a difference is said to be shown
FAR = 0.10  # difference of risks of the sentence


def summary(found: ModelComparison, words: Words) -> list[str]:
    """What a reader looks for first."""
    rows = found.rows
    told = [
        words(
            "compared.summary.size",
            rows=rows.rows,
            n=rows.n,
            k=len(found.names),
            events=rows.n_events,
            share=share_text(rows.n_events, rows.n, words),
        ),
        _areas(found, words),
        *_on_average(found, words),
        *benefits(found, words),
        _apart(found, words),
    ]
    if min(rows.n_events, rows.n - rows.n_events) < FEW_EVENTS:
        told.append(words("external.summary.few"))
    return [each for each in told if each]


def _areas(found: ModelComparison, words: Words) -> str:
    """The range of the C-index, and whether the models differ in it."""
    ordered = found.areas.areas.sort("estimate")
    p = found.areas.p_value
    kind = "none" if p is None else "shown" if p < SHOWN else "open"
    return words(
        f"compared.summary.areas_{kind}",
        low=words.numbers.estimate(ordered["estimate"][0], 3),
        worst=ordered["name"][0],
        high=words.numbers.estimate(ordered["estimate"][-1], 3),
        best=ordered["name"][-1],
        p=words.numbers.p_statement(p),
    )


def _on_average(found: ModelComparison, words: Words) -> list[str]:
    told = []
    for name in found.names:
        ratio = estimate_in(found.measures_of(name), "observed_expected")
        if ratio.estimate > 0.0:
            told.append(
                words(
                    "compared.summary.on_average",
                    name=name,
                    verdict=verdict(ratio, words),
                    oe=ratio_text(ratio, words),
                )
            )
    return told


def benefits(found: ModelComparison, words: Words) -> list[str]:
    """At each threshold, the model that gains most, and over whom that is shown."""
    told = []
    at = {
        name: decision_rows(each.decision, found.thresholds)
        for name, each in found.validations.items()
    }
    for place, cut in enumerate(sorted(found.thresholds)):
        lines = {name: rows[place][1] for name, rows in at.items()}
        own = {name: line["model"]["net_benefit"] for name, line in lines.items()}
        everyone = next(iter(lines.values()))["all"]["net_benefit"]
        if everyone is None or None in own.values():
            continue  # nobody above the threshold is followed to the horizon
        best = max(own, key=lambda name: own[name])
        simple = max(everyone, 0.0)
        values = {"threshold": words.numbers.risk(cut)}
        if own[best] <= simple:
            key = "treat_all" if everyone > 0.0 else "treat_none"
            shown = words.numbers.estimate(simple, 3)
            told.append(words("compared.benefit.none", best=words(key), value=shown, **values))
            continue
        shown = words.numbers.estimate(own[best], 3)
        others = words.joined(_lead(found, best, cut, words))
        text = words("compared.summary.benefit", best=best, value=shown, others=others, **values)
        told.append(text.strip())
    return told


def _lead(found: ModelComparison, best: str, cut: float, words: Words) -> list[str]:
    """Over which models the lead of the best is shown, and over which it could be chance."""
    better: list[str] = []
    chance: list[str] = []
    rows = found.differences.filter(measure="net_benefit", threshold=cut)
    for row in rows.filter((pl.col("first") == best) | (pl.col("second") == best)).iter_rows(
        named=True
    ):
        leads = row["first"] == best
        other = row["second"] if leads else row["first"]
        if row["conf_low"] is None or row["conf_high"] is None:
            continue
        shown = row["conf_low"] > 0.0 if leads else row["conf_high"] < 0.0
        (better if shown else chance).append(other)
    told = []
    if better:
        told.append(words("compared.benefit.better", names=words.listed(better)))
    if chance:
        told.append(words("compared.benefit.open", names=words.listed(chance)))
    return told


def _apart(found: ModelComparison, words: Words) -> str:
    """The pair that agrees least about single patients."""
    far = [(each.apart.filter(difference=FAR).row(0, named=True), each) for each in found.pairs]
    row, pair = max(far, key=lambda each: each[0]["n"])
    return words(
        "compared.summary.apart",
        first=pair.first,
        second=pair.second,
        n=row["n"],
        total=found.rows.n,
        share=words.numbers.percent(100.0 * row["share"]),
    )
