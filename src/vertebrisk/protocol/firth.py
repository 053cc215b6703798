"""Which model Firth's estimator belongs to."""

from __future__ import annotations

from vertebrisk.protocol.documents import Analysis

_FIRTH = ("firth", "auto")


def firth_problems(analysis: Analysis) -> list[str]:
    """Options of Firth's estimator where there is none."""
    problems = []
    firth = analysis.estimator in _FIRTH
    if firth and analysis.model == "fine-gray":
        problems.append(
            f'estimator = "{analysis.estimator}" in [analysis] belongs to model = "logistic" or '
            '"cox"; this one is "fine-gray".'
        )
    if analysis.mean_risk is not None and not firth:
        problems.append(
            'mean_risk in [analysis] belongs to estimator = "firth" or "auto"; this one is '
            f'"{analysis.estimator}".'
        )
    if analysis.mean_risk is not None and firth and analysis.model != "logistic":
        problems.append(
            'mean_risk in [analysis] belongs to model = "logistic": the baseline hazard of a Cox '
            "model follows its coefficients. Leave it out."
        )
    if analysis.model == "cox" and analysis.intervals == "profile" and not firth:
        problems.append(
            'intervals = "profile" in [analysis] belongs to model = "logistic", or to estimator = '
            '"firth" or "auto"; write "wald".'
        )
    return problems
