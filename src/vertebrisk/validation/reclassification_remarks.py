"""What a careful reader would want to know of a reclassification."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.findings import Finding
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing, counted

FEW = 100  # patients with the event, or without, below which such numbers say little
Z = 1.959963984540054  # a mean risk beyond its 95 % limits
INSTEAD = say(
    "Compare net benefit at the thresholds, the Brier score and calibration of "
    "both models, and test the new predictor in its model."
)


def improper() -> Finding:
    """Why these numbers are not to be rested on; said every time."""
    return Finding(
        "reclassification-not-proper",
        "warning",
        say("NRI and IDI are not proper measures: a worse model can have both above 0."),
        INSTEAD,
        say(
            "A miscalibrated model, or one with a predictor of pure noise, gains by "
            "them, in new patients too: Hilden and Gerds 2014, doi:10.1002/sim.5804; "
            "Pepe et al. 2015, doi:10.1007/s12561-014-9118-0. Moves between categories "
            "are all counted alike: Kerr et al. 2014, doi:10.1097/EDE.0000000000000018."
        ),
    )


def of_risks(
    event: BoolArray,
    old: FloatArray,
    new: FloatArray,
    measures: pl.DataFrame,
    benefit: pl.DataFrame,
    *,
    sampled: bool,
) -> Iterator[Finding]:
    """Findings of given risks and outcomes; `sampled` where controls were."""
    yield improper()
    yield from of_same(old, new)
    yield from of_events(int(event.sum()), int(event.size))
    yield from of_benefit(measures, benefit)
    if sampled:
        return
    yield from of_brier(
        measures, float(np.mean((event - old) ** 2)), float(np.mean((event - new) ** 2))
    )
    error = float(np.sqrt(event.mean() * (1.0 - event.mean()) / event.size))
    yield from of_means(float(event.mean()), error, {"old": old, "new": new})


def of_same(old: FloatArray, new: FloatArray) -> Iterator[Finding]:
    """Two models that say the same."""
    if np.abs(new - old).max() <= 1e-12:
        yield Finding(
            "same-risks",
            "warning",
            say("The two models give every patient the same risk: nothing is reclassified."),
            say("Check that the risks are of two models."),
        )


def of_events(n_events: int, n: int) -> Iterator[Finding]:
    """Too few with the event, or without."""
    if min(n_events, n - n_events) < FEW:
        yield Finding(
            "few-events",
            "warning",
            say(
                "{patients} of {n} {have} the event and {n_without} not; under {few} of either a "
                "comparison says little.",
                patients=counted(n_events, "patient"),
                n=n,
                have=agreeing(n_events, "has", "have"),
                n_without=n - n_events,
                few=FEW,
            ),
            say("Read the intervals, not the estimates."),
        )


def of_benefit(measures: pl.DataFrame, benefit: pl.DataFrame) -> Iterator[Finding]:
    """NRI over the categories for the new risks, net benefit at every threshold against them."""
    found = measures.filter(pl.col("measure") == "nri")["estimate"]
    against = benefit.filter(pl.col("difference") <= 0.0)
    if found.len() and found[0] is not None and found[0] > 0.0 and against.height:
        at = joined([f"{cut:g}" for cut in against["threshold"]])
        yield Finding(
            "reclassification-without-benefit",
            "warning",
            say(
                "The NRI is above 0 ({nri:.3f}) and yet the net benefit of the new risks "
                "is not higher at {at}.",
                nri=found[0],
                at=at,
            ),
            say(
                "Go by the net benefit: it weighs needless against needed treatment, the NRI "
                "weighs them by how frequent the event is."
            ),
        )


def of_brier(measures: pl.DataFrame, old: float, new: float) -> Iterator[Finding]:
    """Moves for the new risks, Brier score against them."""
    better = measures.filter(
        pl.col("measure").is_in(["nri", "nri_continuous", "idi"]) & (pl.col("estimate") > 0.0)
    )["measure"].to_list()
    if better and new > old:
        yield Finding(
            "reclassification-without-accuracy",
            "warning",
            say(
                "{better} {are} above 0 and yet the new risks are further from the outcomes: "
                "Brier score {new:.4f}, of the old {old:.4f}.",
                better=joined(better, " and "),
                are=agreeing(len(better), "is", "are"),
                new=new,
                old=old,
            ),
            say("Go by the Brier score, which is best for the right risks and no others."),
        )


def of_means(observed: float, error: float, risks: dict[str, FloatArray]) -> Iterator[Finding]:
    """A model whose mean risk is off, which is what NRI and IDI are moved by."""
    for name, values in risks.items():
        if abs(float(values.mean()) - observed) > Z * error > 0.0:
            yield Finding(
                "reclassification-miscalibrated",
                "warning",
                say(
                    "The {which} risks are {mean:.3f} on average where {observed:.3f} have the "
                    "event: NRI and IDI rise or fall by that alone, whatever the predictors tell.",
                    which=say("old") if name == "old" else say("new"),
                    mean=values.mean(),
                    observed=observed,
                ),
                say(
                    "Recalibrate both models to these patients before any comparison of moves "
                    "(vertebrisk.update_model)."
                ),
            )
