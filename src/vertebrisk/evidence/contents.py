"""What a paper prints, in a few words: for lists, and for choosing what to do with it."""

from __future__ import annotations

from vertebrisk.evidence.published import PublishedStudy


def contents(study: PublishedStudy) -> tuple[str, ...]:
    """Kinds of numbers that the paper prints, such as "counts", "coefficients", "intercept"."""
    rows = [row for model in study.model for row in model.coefficient]
    found = {
        "counts": any(cells.count for row in study.compared for cells in row.levels.values()),
        "means": any(row.mean for row in study.compared),
        "P values": any(row.p_value is not None for row in study.compared)
        or any(row.p_value is not None for row in rows),
        "coefficients": any(row.estimate is not None for row in rows),
        "ratios": any(row.ratio is not None for row in rows),
        "intercept": any(
            model.constant is not None and model.constant.estimate is not None
            for model in study.model
        ),
        "AUC": any(each.name.startswith(("auc", "c_index")) for each in study.statistic),
    }
    return tuple(name for name, printed in found.items() if printed)
