"""Random cohorts, fitted and printed as papers print them: comparison and regression table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.evidence.feasibility.margins import Distribution
from vertebrisk.evidence.feasibility.model import Sample, feasibility_problem
from vertebrisk.evidence.feasibility.readings import Problem
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import Coefficient, PaperModel
from vertebrisk.evidence.published import PaperVariable
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.protocol.fields import Localised

Print = Callable[[float], Printed]


@dataclass(frozen=True)
class Paper:
    """What is printed of a cohort, and how its table was made."""

    model: PaperModel
    samples: tuple[Sample, ...]
    distributions: tuple[Distribution, ...]
    variables: dict[str, PaperVariable]

    @property
    def problem(self) -> Problem | None:
        """None where every row is what its variable gives alone, as far as it was printed."""
        found = feasibility_problem(self.model, self.samples, self.distributions, self.variables)
        assert isinstance(found, Problem) or "of its own" in found.reason, found
        return found if isinstance(found, Problem) else None

    def turned(self, place: int) -> Paper:
        """The paper with the sign of one row lost, or invented."""
        rows = list(self.model.coefficient)
        printed = rows[place].estimate
        assert printed is not None
        rows[place] = rows[place].model_copy(update={"estimate": number(f"{-printed.number}")})
        return replace(self, model=self.model.model_copy(update={"coefficient": tuple(rows)}))


def number(text: str) -> Printed:
    return Printed.parse(text)


def rounding(decimals: int, cut: bool = False) -> Print:
    """How numbers are printed: rounded, or cut off."""
    unit = Decimal(1).scaleb(-decimals)
    mode = ROUND_DOWN if cut else ROUND_HALF_UP
    return lambda value: number(str(Decimal(repr(float(value))).quantize(unit, mode)))


def variable(levels: tuple[str, ...] = (), most: int | None = None) -> PaperVariable:
    return PaperVariable(
        label=Localised(en="a variable", zh="变量"),
        levels=levels,
        timing="preoperative",
        whole=most is not None,
        plausible=None if most is None else (0, most),
    )


def honest_paper(rng: np.random.Generator) -> Paper | None:
    """A cohort with two to five covariates and its printed fit; None if there is no fit."""
    n = int(rng.integers(60, 500))
    kinds = [int(rng.choice([2, 2, 2, 3, 4, 0])) for _ in range(rng.integers(2, 6))]
    shared = rng.normal(size=n)
    values = np.column_stack([_values(kind, shared, rng) for kind in kinds])
    design = _design(values, kinds)
    score = design[:, 1:] @ rng.normal(0, 1, design.shape[1] - 1)
    event = rng.random(n) < expit(rng.uniform(-2.5, 0) + score - score.mean())
    lost = rng.random(values.shape) < (0.03 if rng.random() < 0.3 else 0.0)
    whole = ~lost.any(axis=1)
    if min(event[whole].sum(), (~event[whole]).sum()) < 5:
        return None
    fit = fit_logistic_batch(design[whole], event[whole].astype(float), np.ones((1, whole.sum())))
    if not fit.converged[0] or fit.deficient[0] or np.abs(fit.beta[0]).max() > 15:
        return None
    return _printed(values, kinds, event, lost, fit.beta[0], rng)


def _values(kind: int, shared: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A factor's levels from 0 or, for kind 0, whole numbers from 0 to 9."""
    latent = rng.uniform(-1, 1) * shared + rng.normal(size=len(shared))
    if kind == 0:
        return np.clip(np.round(4 + 2 * latent), 0, 9)
    cuts = np.sort(rng.normal(size=kind - 1))
    return np.searchsorted(cuts, latent).astype(np.float64)


def _design(values: FloatArray, kinds: list[int]) -> FloatArray:
    columns = [np.ones(len(values))]
    for place, kind in enumerate(kinds):
        at = values[:, place]
        columns += [1.0 * (at == code) for code in range(1, kind)] if kind else [at]
    return np.column_stack(columns)


def _printed(
    values: FloatArray,
    kinds: list[int],
    event: BoolArray,
    lost: BoolArray,
    beta: FloatArray,
    rng: np.random.Generator,
) -> Paper:
    show = rounding(int(rng.integers(1, 4)), cut=rng.random() < 0.2)
    as_ratio = rng.random() < 0.3
    groups = (event, ~event)
    rows: list[Coefficient] = []
    distributions, variables = [], {}

    def add(term: str, level: str, value: float) -> None:
        ratio = show(math.exp(value)) if as_ratio and value > -1 else None
        estimate = None if ratio is not None else show(value)
        rows.append(Coefficient(term=term, level=level, estimate=estimate, ratio=ratio))

    for place, kind in enumerate(kinds):
        name, own = f"x{place}", values[:, place]
        present = [group & ~lost[:, place] for group in groups]
        variables[name] = variable(tuple("abcd"[:kind]), None if kind else 9)
        if kind:
            counts = {
                level: tuple(number(str((own[each] == code).sum())) for each in present)
                for code, level in enumerate("abcd"[:kind])
            }
            distributions.append(Distribution(name, counts))
            for level in "abcd"[1:kind]:
                add(name, level, beta[1 + len(rows)])
        else:
            divisor = int(rng.integers(0, 2))
            distributions.append(
                Distribution(
                    name,
                    mean=tuple(show(own[each].mean()) for each in present),
                    sd=tuple(show(own[each].std(ddof=divisor)) for each in present),
                    missing=tuple(number(str((group & lost[:, place]).sum())) for group in groups),
                )
            )
            add(name, "", beta[1 + len(rows)])
    if rng.random() < 0.6:
        rows.append(Coefficient(term="constant", estimate=show(beta[0])))
    return Paper(
        PaperModel(id="final", kind="logistic", place="Table 2", coefficient=tuple(rows)),
        tuple(
            Sample(number(str(group.sum())), each)
            for group, each in zip(groups, (True, False), strict=True)
        ),
        tuple(distributions),
        variables,
    )
