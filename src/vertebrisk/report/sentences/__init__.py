"""The sentences of the report: key, English, Chinese. Numbers arrive formatted."""

from __future__ import annotations

from vertebrisk.report.sentences import (
    captions,
    closing,
    external,
    firth,
    followup,
    imputed,
    instability,
    matched,
    model,
    monitoring,
    patients,
    penalised,
    performance,
    pooling,
    powers,
    sampling,
    schemes,
    selection,
    shapes,
    survival,
)

SENTENCES: dict[str, tuple[str, str]] = {
    **patients.SENTENCES,
    **model.SENTENCES,
    **performance.SENTENCES,
    **closing.SENTENCES,
    **survival.SENTENCES,
    **followup.SENTENCES,
    **sampling.SENTENCES,
    **schemes.SENTENCES,
    **matched.SENTENCES,
    **penalised.SENTENCES,
    **selection.SENTENCES,
    **shapes.SENTENCES,
    **powers.SENTENCES,
    **firth.SENTENCES,
    **imputed.SENTENCES,
    **instability.SENTENCES,
    **captions.SENTENCES,
    **pooling.SENTENCES,
    **external.SENTENCES,
    **monitoring.SENTENCES,
}
