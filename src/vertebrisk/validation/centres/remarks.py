"""What a careful reader would want to know of an internal-external validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vertebrisk._checks import listed
from vertebrisk.findings import Finding, by_severity
from vertebrisk.kernels.meta_analysis.synthesis import Synthesis
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.centres.measured import Centre
from vertebrisk.validation.centres.results import FEW_CENTRES

FEW_EVENTS, ENOUGH_EVENTS = 10, 100
TITLES: Mapping[str, str] = {
    "c_index": "C",
    "slope": "slope",
    "in_the_large": "calibration in the large",
    "observed_expected": "observed over expected",
}


def centre_findings(
    centres: Sequence[Centre], fits: Mapping[str, Synthesis], *, clustered: bool = False
) -> tuple[Finding, ...]:
    """Findings of the centres and of what was pooled."""
    found = (
        *_few_centres(centres),
        *_few_events(centres),
        *_unusable(centres),
        *_without_events(centres),
        *_narrower(fits),
        *_clustered(clustered),
    )
    return by_severity(found)


def _few_centres(centres: Sequence[Centre]) -> Iterator[Finding]:
    usable = sum(any(each.error for each in centre.measures.values()) for centre in centres)
    if usable < FEW_CENTRES:
        yield Finding(
            "few-centres",
            "warning",
            f"{counted(usable, 'centre')} can be pooled. The variance between centres is hardly "
            f"known from fewer than {FEW_CENTRES}, and the prediction interval is weak: very wide, "
            "or too narrow where they happen to agree.",
            "Show the centres one by one; the pooled number adds little.",
            "Debray et al. 2019, doi:10.1177/0962280218785504.",
        )


def _few_events(centres: Sequence[Centre]) -> Iterator[Finding]:
    fewer = {each.name: min(each.n_events, each.n - each.n_events) for each in centres}
    for least, severity, meaning in (
        (FEW_EVENTS, "warning", "their numbers and limits are hardly more than chance"),
        (ENOUGH_EVENTS, "note", "on their own they say little"),
    ):
        names = [name for name, count in fewer.items() if count < least]
        if names:
            yield Finding(
                "few-events-in-centre",
                "warning" if severity == "warning" else "note",
                f"{counted(len(names), 'centre')} of {len(centres)} "
                f"{agreeing(len(names), 'has', 'have')} fewer than {least} patients with the event "
                f"or fewer than {least} without ({listed(names)}); {meaning}.",
                "Read the pooled values with their intervals; join small centres that are alike "
                "only if that was planned.",
                "Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787.",
            )
            return


def _unusable(centres: Sequence[Centre]) -> Iterator[Finding]:
    lacking = [f"{each.name} ({'; '.join(each.reasons)})" for each in centres if each.reasons]
    if lacking:
        count = len(lacking)
        yield Finding(
            "centre-not-usable",
            "warning",
            f"{counted(count, 'centre')} {agreeing(count, 'lacks', 'lack')} numbers, or "
            f"{agreeing(count, 'has', 'have')} some that cannot be pooled: {listed(lacking)}.",
            "Say so wherever the pooled values are shown: they leave these out.",
        )


def _without_events(centres: Sequence[Centre]) -> Iterator[Finding]:
    names = [each.name for each in centres if "no events" in each.reasons]
    if names:
        yield Finding(
            "centre-without-events",
            "note",
            f"{counted(len(names), 'centre')} without events ({listed(names)}) "
            f"{agreeing(len(names), 'enters', 'enter')} the pooled observed over expected with "
            "half an event added to either. The pooled calibration in the large leaves "
            f"{agreeing(len(names), 'it', 'them')} out, and is too high for that.",
            "Read observed over expected.",
        )


def _narrower(fits: Mapping[str, Synthesis]) -> Iterator[Finding]:
    names = [
        TITLES[name]
        for name, fit in fits.items()
        if fit.scale < 1 and fit.heterogeneity.tau2 == 0.0
    ]
    if names:
        yield Finding(
            "hartung-knapp-narrows",
            "note",
            f"In {listed(names)} the centres agree more closely than chance would have it, so the "
            "error of Hartung and Knapp is below that of one common value, and the prediction "
            "interval is no wider than the confidence interval.",
            "Do not read it as proof that centres are alike.",
            "Wiksten, Ruecker and Schwarzer 2016, doi:10.1002/sim.6879.",
        )


def _clustered(clustered: bool) -> Iterator[Finding]:
    if clustered:
        yield Finding(
            "rows-of-one-patient",
            "note",
            "Patients have several rows. The limits of C allow for it; those of slope, "
            "calibration in the large and observed over expected take rows for independent and "
            "are too narrow.",
            "Read them with that in mind.",
        )
