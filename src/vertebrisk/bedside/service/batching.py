"""Spreadsheets of patients: a page that takes one, and the same for programs."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.batches import Batch, Kind, scored_batch
from vertebrisk.bedside.service.endpoints import Endpoint, page_endpoint, service_of
from vertebrisk.bedside.service.forms import Wrong, number_of
from vertebrisk.bedside.service.models.cards import card, input_rows, outcome_label, time_unit
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.multipart import MULTIPART, read_multipart
from vertebrisk.bedside.service.pages import localised
from vertebrisk.bedside.service.problems import FieldError, Problem, invalid
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.words import words_of
from vertebrisk.cohort.reading import Bounds
from vertebrisk.cohort.reading.bounds import TooLarge
from vertebrisk.errors import VertebriskError

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES: dict[Kind, str] = {"csv": CSV, "xlsx": XLSX}
AT_ONCE = 2  # files that are scored at the same time, so that others are answered meanwhile
UNPACKED = 16  # times the largest body
CELLS = 50  # columns of a file with the most rows
BUSY_SECONDS = 5


async def form(request: Request) -> Response:
    """The page that takes a file."""
    return _page(request, asked_model(request))


async def upload(request: Request) -> Response:
    """The file of a form, scored; what is wrong with it stands on the page again."""
    served = asked_model(request)
    content = await request.body()
    try:
        fields = read_multipart(content, request.headers.get("content-type", ""))
        sent, by = fields.get("file"), fields.get("horizon")
        if sent is None or not sent.file or not sent.content:
            raise Problem(422, "invalid-input", "No file was chosen, or it is empty.")
        kind: Kind = "xlsx" if sent.content.startswith(b"PK\x03\x04") else "csv"
        text = "" if by is None else by.content.decode("utf-8", "replace")
        batch = await _scored(request, served, sent.content, kind, text)
    except Problem as problem:
        if problem.status not in (413, 422):
            raise
        return _page(request, served, problem, problem.status)
    return _file(served, batch, kind)


async def score_file(request: Request) -> Response:
    """A file as the body of a request, scored and answered as the same kind of file."""
    served = asked_model(request)
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind: Kind = "xlsx" if given == XLSX else "csv"
    horizon = request.query_params.get("horizon", "")
    return _file(served, await _scored(request, served, await request.body(), kind, horizon), kind)


async def _scored(
    request: Request, served: ServedModel, content: bytes, kind: Kind, horizon: str
) -> Batch:
    """A file scored beside the loop that answers others, few at a time.

    Raises
    ------
    Problem
        422 when the file cannot be scored, 413 when it is too large, 429 when too many are
        being scored.
    """
    service = service_of(request)
    by = _horizon(served, horizon)
    if service.batches >= AT_ONCE:
        raise Problem(
            429,
            "too-many-requests",
            f"Other files are being scored; send it again in {BUSY_SECONDS} s.",
            headers={"Retry-After": str(BUSY_SECONDS)},
        )
    settings = service.settings
    rows = settings.max_patients
    bounds = Bounds(rows, rows * CELLS, settings.max_body * UNPACKED)
    service.batches += 1
    try:
        batch = await run_in_threadpool(_answered, served, content, kind, bounds, by)
    except TooLarge as error:
        raise Problem(413, "too-large", str(error)) from None
    except VertebriskError as error:
        raise Problem(422, "invalid-input", str(error)) from None
    finally:
        service.batches -= 1
    service.meter.patients += batch.rows
    return batch


def _answered(
    served: ServedModel, content: bytes, kind: Kind, bounds: Bounds, horizon: float | None
) -> Batch:
    about = _about(served) if kind == "xlsx" else None
    return scored_batch(served.model, content, kind, bounds, horizon=horizon, about=about)


def _horizon(served: ServedModel, text: str) -> float | None:
    """The time that was asked for, None for the model's first."""
    if not text.strip():
        return None
    model = served.model
    if model.kind == "logistic":
        when = model.outcome.time_point or "one time"
        detail = f"This model predicts the risk at {when}; leave 'horizon' out."
        raise invalid([FieldError("/horizon", "shape", detail)])
    value = number_of(text)
    if isinstance(value, Wrong) or not 0.0 < value <= model.limit:
        detail = (
            f"'horizon' is not understood: a number above 0 and up to {model.limit:g} "
            f"{model.time_unit}".rstrip()
            + " is needed."
        )
        raise invalid([FieldError("/horizon", "shape", detail)])
    return value


def _about(served: ServedModel) -> dict[str, str]:
    """What a workbook says of the model that scored it."""
    whole = json.loads(served.whole)
    outcome, population = whole["outcome"], whole["population"]
    said = {
        "model": served.id,
        "version": served.version,
        "title": whole["provenance"]["title"],
        "outcome": outcome["label"] or outcome["name"],
        "event": outcome["definition"] or outcome["event"],
        "time point": outcome["time_point"],
        "time unit": whole["time_unit"],
        "patients": str(population["n"]),
        "with the event": str(population["n_events"]),
        "data": population["data_kind"],
        "interval": whole["interval"]["means"],
        "use": whole["use"],
        "program": whole["provenance"]["software"],
    }
    notes = {f"note {place}": text for place, text in enumerate(served.notes, 1)}
    return {name: text for name, text in {**said, **notes}.items() if text}


def _file(served: ServedModel, batch: Batch, kind: Kind) -> Response:
    name = f"{served.id}-risks.{kind}"
    media = f"{CSV}; charset=utf-8" if kind == "csv" else XLSX
    return Response(
        batch.content,
        headers={"Content-Type": media, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(
    request: Request, served: ServedModel, problem: Problem | None = None, status: int = 200
) -> Response:
    words, model = words_of(request), served.model
    followed = model.kind != "logistic"
    settings = service_of(request).settings
    return localised(
        request,
        "batch.html.j2",
        status,
        card=card(served, words),
        outcome=outcome_label(model, words),
        inputs=input_rows(model, words),
        problem=problem,
        unit=time_unit(model, words),
        limit=f"{model.limit:g}" if followed else "",
        first=f"{model.horizons[0]:g}" if followed else "",
        most_rows=settings.max_patients,
        most_megabytes=f"{settings.max_body / 2**20:.4g}",
    )


BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}

ENDPOINTS = (
    Endpoint(
        "/api/v1/models/{model}/batch",
        score_file,
        method="POST",
        summary="A spreadsheet of patients with their risks, answered as the kind that came in",
        reads=(CSV, XLSX),
        request=BINARY,
        answer=BINARY,
        produces=CSV,
        also=(XLSX,),
        query={
            "horizon": {
                "type": "number",
                "exclusiveMinimum": 0,
                "description": "For a model of time to event: the risk by then, in its unit.",
            }
        },
    ),
    page_endpoint("/models/{model}/batch", form),
    page_endpoint("/models/{model}/batch", upload, "POST", reads=(MULTIPART,)),
)
