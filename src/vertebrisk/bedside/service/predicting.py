"""Risks of patients by one model, from and to plain JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk.bedside.service.answers import json_response
from vertebrisk.bedside.service.inputs import LARGEST, kind_of
from vertebrisk.bedside.service.models.documents import interval_document, outcome_document
from vertebrisk.bedside.service.problems import (
    FieldError,
    Problem,
    invalid,
    pointer_part,
    shortened,
)
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.strict_json import read_json
from vertebrisk.models.portable.risk_model import RiskModel

MOST_AVERAGED = 1000  # patients with missing inputs of one request; each takes milliseconds
SAMPLED = "risk in a sample of controls, not in a population"


def json_answer(served: ServedModel, content: bytes, most: int) -> tuple[Response, int]:
    """The answer to a body, and for how many patients it is."""
    patients, pointers, asked = read_body(served, read_json(content), most)
    horizon = default_horizons(served)[0] if asked is None else asked
    found = predictions(served, patients, pointers, horizon)
    return json_response(answer(served, found, horizon)), len(found)


def answer(served: ServedModel, found: list[Json], horizon: float | None) -> Json:
    """The answer: whose risks, of what, by when, and what their limits mean."""
    return {
        "model": {"id": served.id, "version": served.version},
        "outcome": outcome_document(served.model),
        "horizon": horizon,
        "time_unit": served.model.time_unit,
        "interval": interval_document(served.model),
        "predictions": found,
    }


def read_body(
    served: ServedModel, body: object, max_patients: int
) -> tuple[list[object], list[str], float | None]:
    """Patients, the place of each in the body, and the horizon where one is asked for.

    Raises
    ------
    Problem
        422 when the body has another shape, 413 when it has too many patients.
    """
    if not isinstance(body, dict):
        raise _misshapen("", f"The body is {kind_of(body)}; {_SHAPE}")
    strange = [name for name in body if name not in ("patient", "patients", "horizon")]
    if strange:
        raise _misshapen(
            f"/{pointer_part(strange[0])}",
            f"The body has '{shortened(strange[0])}', which is not read; {_SHAPE}",
        )
    if ("patient" in body) == ("patients" in body):
        raise _misshapen("", f"The body has both or none of 'patient' and 'patients'; {_SHAPE}")
    horizon = read_horizon(served, body.get("horizon"))
    if "patient" in body:
        return [body["patient"]], ["/patient"], horizon
    patients = body["patients"]
    if not isinstance(patients, list) or not patients:
        raise _misshapen("/patients", "'patients' is a list of one patient or more.")
    check_count(len(patients), max_patients)
    return patients, [f"/patients/{place}" for place in range(len(patients))], horizon


def check_count(count: int, most: int) -> None:
    """Refuse more patients than are taken at once.

    Raises
    ------
    Problem
        413.
    """
    if count > most:
        raise Problem(
            413,
            "too-many-patients",
            f"The request has {count} patients; at most {most} are taken. "
            "Send them in several requests.",
        )


def predictions(
    served: ServedModel, patients: Sequence[object], pointers: Sequence[str], horizon: float | None
) -> list[Json]:
    """Every patient scored.

    Raises
    ------
    Problem
        422 with every field that is wrong; nobody is scored then.
    """
    errors: list[FieldError] = []
    found: list[Json] = []
    if served.reader.averages and len(patients) > MOST_AVERAGED:
        _check_gaps(served, patients)
    for patient, pointer in zip(patients, pointers, strict=True):
        scored = _scored(served, patient, pointer, horizon, errors)
        if scored is not None:
            found.append(scored)
    if errors:
        raise invalid(errors)
    return found


def _check_gaps(served: ServedModel, patients: Sequence[object]) -> None:
    """Refuse more patients with missing inputs than are averaged at once.

    Raises
    ------
    Problem
        413.
    """
    gaps = sum(
        any(math.isnan(code) for code in served.reader.read(patient, "", [])[0].values())
        for patient in patients
    )
    if gaps > MOST_AVERAGED:
        raise Problem(
            413,
            "too-many-patients",
            f"The request has {gaps} patients with missing inputs; at most {MOST_AVERAGED} are "
            "averaged at once. Send them in several requests.",
        )


def _scored(
    served: ServedModel,
    patient: object,
    pointer: str,
    horizon: float | None,
    errors: list[FieldError],
) -> Json | None:
    before = len(errors)
    codes, flags = served.reader.read(patient, pointer, errors)
    stratum = ""
    if served.reader.strata and isinstance(patient, dict):
        stratum = served.reader.stratum(patient, pointer, errors)
        if len(errors) == before and not served.compiled.knows(stratum):
            name = served.reader.strata[0]
            known = ", ".join(each.stratum for each in served.model.baselines)
            errors.append(
                FieldError(
                    f"{pointer}/{pointer_part(name)}",
                    "unknown-stratum",
                    f"The model has no stratum '{shortened(stratum)}'; it has {known}.",
                    f"The model has no such stratum; it has {known}.",
                )
            )
    if len(errors) > before:
        return None
    whole = not served.reader.averages or not any(map(math.isnan, codes.values()))
    score = served.compiled.score if whole else served.compiled.average
    scored = score(codes, horizon, stratum)
    if scored is None:
        errors.append(_unscorable(served, pointer, horizon, stratum))
        return None
    flags += broken_rules(served.model, codes)
    population = served.model.population
    if population.design == "case-control" and population.prevalence is None:
        flags.insert(0, SAMPLED)
    return {
        "risk": scored.risk,
        "conf_low": scored.conf_low,
        "conf_high": scored.conf_high,
        "linear_predictor": scored.linear_predictor,
        "total_points": scored.total_points,
        "flags": flags,
    }


def broken_rules(model: RiskModel, codes: Mapping[str, float]) -> list[str]:
    """What cannot be of one coded patient, by the rules of the model."""
    if not model.consistency:
        return []
    row = {name: np.array([code]) for name, code in codes.items()}
    rules = zip(model.consistency, model.conditions, strict=True)
    return [rule.flag for rule, condition in rules if condition.broken(row)[0]]


def _unscorable(
    served: ServedModel, pointer: str, horizon: float | None, stratum: str
) -> FieldError:
    ends = [each.limit for each in served.model.baselines if each.stratum == stratum]
    if horizon is not None and ends and horizon > ends[0]:
        unit = f" {served.model.time_unit}".rstrip()
        ended = f"ends at {ends[0]:g}{unit}, before the horizon."
        return FieldError(
            "/horizon",
            "horizon",
            f"Follow-up of the stratum '{shortened(stratum)}' {ended}",
            f"Follow-up of the stratum {ended}",
        )
    return FieldError(
        pointer,
        "outside-domain",
        "A transformation of the model (a logarithm, a root, a power) has no value at these "
        "inputs, so there is no risk.",
    )


def default_horizons(served: ServedModel) -> tuple[float | None, ...]:
    """The study's horizons, of which the first is answered; None alone where there are none."""
    return (None,) if served.model.kind == "logistic" else served.model.horizons


def read_horizon(served: ServedModel, asked: object) -> float | None:
    """The horizon that is asked for, None where none is.

    Raises
    ------
    Problem
        422 when the model cannot answer for it.
    """
    model = served.model
    if asked is None:
        return None
    if model.kind == "logistic":
        when = model.outcome.time_point or "one time"
        raise _misshapen(
            "/horizon", f"This model predicts the risk at {when}; leave 'horizon' out."
        )
    number = type(asked) in (int, float) and -LARGEST <= asked <= LARGEST  # type: ignore[operator]
    if not number or not 0.0 < float(asked) <= model.limit:  # type: ignore[arg-type]
        raise _misshapen(
            "/horizon",
            "'horizon' is not understood: a number above 0 and up to "
            f"{model.limit:g} {model.time_unit}, where follow-up ends, is needed.".replace(
                " ,", ","
            ),
        )
    return float(asked)  # type: ignore[arg-type]


def _misshapen(pointer: str, detail: str) -> Problem:
    return invalid([FieldError(pointer, "shape", detail)])


_SHAPE = 'an object {"patient": {...}} or {"patients": [{...}, ...]}, with "horizon" if need be.'
