"""What a careful reader would want to know about pooled numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.results import Pooled
from vertebrisk.findings import Finding
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import Synthesis
from vertebrisk.text.messages import say

FEW_STUDIES = 5


def pooling_findings(
    fit: Synthesis, options: PoolingOptions, tau2_high: float | None
) -> tuple[Finding, ...]:
    """Findings of one pooling."""
    k = fit.q_df + 1
    return (
        *few_studies(k),
        *no_prediction(k, options),
        *_common_effect(fit, options.method),
        *_narrower(fit),
        *_several_maxima(fit, options.method),
        *_no_interval(tau2_high),
    )


def few_studies(k: int) -> Iterator[Finding]:
    """Two studies warn; under five, a note that heterogeneity is hardly known."""
    if k == 2:
        yield Finding(
            "two-studies",
            "warning",
            say(
                "Only two studies were pooled: the variance between them is hardly known, "
                "and an interval on one degree of freedom is very wide."
            ),
            say("Show the two studies side by side; a pooled number adds little."),
            say("IntHout, Ioannidis and Borm 2014, doi:10.1186/1471-2288-14-25."),
        )
    elif k < FEW_STUDIES:
        yield Finding(
            "few-studies",
            "note",
            say(
                "{k} studies were pooled; the variance between studies is estimated poorly "
                "from fewer than {few_studies}.",
                k=k,
                few_studies=FEW_STUDIES,
            ),
            say("Read the interval of tau2 and the prediction interval, not I2 alone."),
        )


def no_prediction(k: int, options: PoolingOptions) -> Iterator[Finding]:
    """Two studies leave no degree of freedom by the older convention."""
    if options.prediction == "k-2" and k == 2:
        yield Finding(
            "no-prediction-interval",
            "warning",
            say("A prediction interval on k-2 degrees of freedom needs three or more studies."),
            say("Use k-1 degrees of freedom, or give none."),
        )


def _common_effect(fit: Synthesis, method: PoolingMethod) -> Iterator[Finding]:
    if method == "FE" and fit.q_p_value < 0.1:
        yield Finding(
            "heterogeneity-ignored",
            "warning",
            say(
                "The studies differ by more than chance, and one effect common to all was "
                "assumed; the interval is too narrow for any other study."
            ),
            say("Allow for a variance between studies: method REML."),
        )


def _narrower(fit: Synthesis) -> Iterator[Finding]:
    if fit.df is not None and fit.scale < 1 and fit.heterogeneity.tau2 == 0.0:
        yield Finding(
            "hartung-knapp-narrows",
            "note",
            say(
                "The studies agree more closely than chance would have it, so the standard "
                "error of Hartung and Knapp is below that of one common effect."
            ),
            say("Give the interval without Hartung and Knapp beside it."),
            say("Wiksten, Ruecker and Schwarzer 2016, doi:10.1002/sim.6879."),
        )


def _several_maxima(fit: Synthesis, method: PoolingMethod) -> Iterator[Finding]:
    if fit.heterogeneity.n_maxima > 1:
        yield Finding(
            "several-maxima",
            "note",
            say(
                "The {method} likelihood of tau2 has {n_maxima} maxima; the highest was taken.",
                method=method,
                n_maxima=fit.heterogeneity.n_maxima,
            ),
            say("Compare with the estimate of Paule and Mandel."),
        )


def _no_interval(tau2_high: float | None) -> Iterator[Finding]:
    if tau2_high == 0.0:
        yield Finding(
            "tau2-interval-empty",
            "note",
            say(
                "The studies agree so closely that no variance between them fits: the "
                "Q-profile interval of tau2 is empty and is given as zero to zero."
            ),
            say("Look whether the standard errors are right, or the studies share patients."),
        )


def with_findings(pooled: Pooled, more: Iterable[Finding]) -> Pooled:
    """The same with further findings."""
    return replace(pooled, findings=(*pooled.findings, *more))
