"""What a page about models on new patients says of the models and of the patients' file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vertebrisk._files import read_bytes, sha256
from vertebrisk._types import DataKind
from vertebrisk._version import __version__
from vertebrisk.models.comparing.results import SharedRows
from vertebrisk.models.external.results import Counts
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.page.content import Banner
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING


@dataclass(frozen=True, slots=True)
class Source:
    """Where the patients come from, and what was asked of them.

    Attributes
    ----------
    file_name, file_sha256 : str
        Of the patients' file.
    resamples, seed : int
        Of the bootstrap.
    thresholds : tuple of float
        Risks at which one would act, of those on the decision curve.
    """

    file_name: str
    file_sha256: str
    resamples: int
    seed: int
    thresholds: tuple[float, ...] = ()

    @classmethod
    def of(cls, path: Path, resamples: int, seed: int, thresholds: Sequence[float]) -> Source:
        """The source of a patients' file that lies there.

        Raises
        ------
        DataError
            When the file cannot be read.
        """
        content = read_bytes(path, "The patients' file")
        return cls(path.name, sha256(content), resamples, seed, tuple(thresholds))


LONGEST = 90  # characters of a title that still names a model; a citation is longer


def model_name(model: RiskModel) -> str:
    """What a page calls a model: its title, else its study, else its outcome."""
    outcome = model.outcome.label or model.outcome.name
    title = model.provenance.title
    return (title if len(title) <= LONGEST else "") or model.provenance.study or outcome


def predicted(model: RiskModel, words: Words) -> str:
    """Outcome, definition and time point of a model, as far as it tells them."""
    outcome = model.outcome
    parts = [outcome.label or outcome.name, outcome.time_point]
    told = ", ".join(part for part in parts if part) or words("external.not_told")
    definition = outcome.definition or outcome.event
    return told + (words.bracketed(definition) if definition else "")


def made_from(model: RiskModel, words: Words) -> str:
    """Number and events of the patients whom a model was made from."""
    population = model.population
    if not population.n:
        return words("external.not_told")
    told = words("external.made_of", n=population.n, events=population.n_events)
    design = words.or_plain(population.design, population.design)
    return told + words.bracketed(design)


def lineage(model: RiskModel, words: Words) -> list[str]:
    """The updates that led to a model, the first one first."""
    return [each.told(words.language) for each in model.provenance.lineage]


def banners(kind: DataKind, models: list[RiskModel], words: Words) -> tuple[Banner, ...]:
    """What must be said where patients, or those of a model, are not real."""
    others = sorted({each.population.data_kind for each in models} - {"real"})
    found = () if kind == "real" else (Banner(words(kind), words(f"banner.{kind}")),)
    told = words("external.model_banner")
    return (*found, *(Banner(words(f"external.model_of_{other}"), told) for other in others))


def provenance(
    source: Source, models: Mapping[str, RiskModel], words: Words
) -> list[tuple[str, str]]:
    """Program, models with their versions, file and seed; no patient."""
    pairs = [(words("version"), f"vertebrisk {__version__}")]
    for name, model in models.items():
        label = words("external.model_version")
        several = words.bracketed(name) if len(models) > 1 else ""
        pairs.append((label, model_version(model) + several))
        steps = lineage(model, words)
        if steps:
            pairs.append((words("external.lineage"), words.joined(steps)))
    return [
        *pairs,
        (words("data_file"), source.file_name),
        (words("external.file_hash"), source.file_sha256),
        (words("resamples"), str(source.resamples)),
        (words("seed"), str(source.seed)),
    ]


def described(model: RiskModel, words: Words) -> list[tuple[str, str]]:
    """What a model is, what it predicts, and from whom it was made."""
    return [
        (words("external.model"), model.provenance.title or model_name(model)),
        (words("external.predicts"), predicted(model, words)),
        (words("external.made_from"), made_from(model, words)),
    ]


def counted_on(counts: Counts | SharedRows, words: Words) -> list[tuple[str, str, str]]:
    """Patients and events of a cohort, as key numbers."""
    measured, of_rows = words("external.measured"), words("external.of_rows", rows=counts.rows)
    return [
        (measured, str(counts.n), of_rows),
        (words("events"), str(counts.n_events), share_text(counts.n_events, counts.n, words)),
    ]


def key_number(
    label: str,
    value: float,
    low: float | None,
    high: float | None,
    words: Words,
) -> tuple[str, str, str]:
    """A measure and its interval, where it has one, as a key number."""
    limits = words.numbers.interval(low, high, 2)
    detail = "" if limits == MISSING else f"{words('ci95')} {limits}"
    return label, words.numbers.estimate(value, 2), detail


def share_text(count: int, total: int, words: Words) -> str:
    """A share as a percentage."""
    return words.numbers.percent(100.0 * count / total) if total else MISSING
