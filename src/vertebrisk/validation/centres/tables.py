"""A centre whose missing values were imputed: one answer from those of its completed tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.meta_analysis.effects import from_scale
from vertebrisk.validation.centres.measured import SCALES, Centre, Measure, Reason


def over_tables(parts: Sequence[Centre], level: float) -> Centre:
    """The same centre in several completed tables, by Rubin's rules on the scale of pooling.

    A measure that some table does not have is left out; one without an error in some table has
    the mean of its values and is not pooled. Limits are normal on the scale of pooling.

    References
    ----------
    Marshall et al. 2009, doi:10.1186/1471-2288-9-57
    """
    first = parts[0]
    measures = {}
    for name in SCALES:
        found = [each.measures[name] for each in parts if name in each.measures]
        if len(found) == len(parts):
            measures[name] = _combined(name, found, level)
    reasons: dict[Reason, None] = {reason: None for each in parts for reason in each.reasons}
    scores = [each.brier for each in parts if each.brier is not None]
    return Centre(
        name=first.name,
        n=first.n,
        n_events=first.n_events,
        measures=measures,
        brier=float(np.mean(scores)) if scores else None,
        finite=first.finite,
        reasons=tuple(reasons),
    )


def _combined(name: str, found: Sequence[Measure], level: float) -> Measure:
    mean = float(np.mean([each.value for each in found]))
    pairs = [(each.scaled, each.error) for each in found if each.error]
    if len(pairs) < len(found):
        return Measure(mean)
    scaled, errors = np.array(pairs, dtype=np.float64).T
    if len(found) == 1:
        return found[0]
    pooled = rubin.pool(scaled, errors**2)
    centre, error = float(pooled.estimate), float(np.sqrt(pooled.total))
    if found[0].low is None:  # no events: what is read is 0, whatever is pooled
        return Measure(mean, scaled=centre, error=error)
    reach = float(normal_quantile(0.5 + level / 2)) * error
    value, low, high = (
        float(from_scale(np.asarray(end), SCALES[name]))
        for end in (centre, centre - reach, centre + reach)
    )
    return Measure(value, low, high, centre, error)
