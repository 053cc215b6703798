"""Several models on one patient as a page: choose models, answer once, see where they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.comparing import Comparison, Question, compare, questions
from vertebrisk.bedside.service.comparison.texts import Field, Result, field_of, result_of
from vertebrisk.bedside.service.endpoints import page_endpoint, service_of
from vertebrisk.bedside.service.forms import URLENCODED, Wrong, filled, number_of, read_form
from vertebrisk.bedside.service.models.cards import groups
from vertebrisk.bedside.service.pages import localised
from vertebrisk.bedside.service.problems import Problem, shortened
from vertebrisk.bedside.service.store import ModelStore, ServedModel
from vertebrisk.bedside.service.words import Words, words_of
from vertebrisk.models.portable.risk_model import RiskModel

FEWEST, MOST = 2, 6
INPUT, HORIZON = "in.", "by."


async def choose(request: Request) -> Response:
    """The models to choose from, and the inputs of those that the address names."""
    chosen = _chosen(request)
    words = words_of(request)
    asked = _fields(chosen, {}, {}, words) if _enough(chosen) else []
    return _page(request, chosen, asked)


async def compared(request: Request) -> Response:
    """The answer for one patient, whose values are in the body alone."""
    chosen = _chosen(request)
    if not _enough(chosen):
        raise Problem(400, "malformed-request", f"Choose {FEWEST} to {MOST} models.")
    words = words_of(request)
    form = read_form(await request.body())
    answers, wrong = _answers(questions(_models(chosen)), filled(form, INPUT))
    horizons, wrong_horizons = _horizons(chosen, filled(form, HORIZON))
    wrong |= wrong_horizons
    fields = _fields(chosen, form, wrong, words)
    if wrong:
        return _page(request, chosen, fields, status=422)
    found: Comparison = await run_in_threadpool(compare, _models(chosen), answers, horizons)
    service_of(request).meter.patients += len(chosen)
    return _page(request, chosen, fields, result_of(found, chosen, words))


def _page(
    request: Request,
    chosen: Sequence[ServedModel],
    fields: Sequence[Field],
    result: Result | None = None,
    status: int = 200,
) -> Response:
    words = words_of(request)
    store = service_of(request).store
    ids = [each.id for each in chosen]
    return localised(
        request,
        "compare.html.j2",
        status,
        groups=groups(store.models(), store.problems, words),
        chosen=ids,
        address="".join(f"&model={each}" for each in ids),
        fields=fields,
        result=result,
        too_few=bool(chosen) and not _enough(chosen),
        most=MOST,
    )


def _chosen(request: Request) -> list[ServedModel]:
    """The models that an address names.

    Raises
    ------
    Problem
        404 when there is none of a name.
    """
    store: ModelStore = service_of(request).store
    names = list(dict.fromkeys(request.query_params.getlist("model")))
    found = {each.id: each for each in store.models()}
    strange = [each for each in names if each not in found]
    if strange:
        detail = f"There is no model '{shortened(strange[0])}' to compare."
        raise Problem(404, "unknown-model", detail)
    return [found[each] for each in names]


def _enough(chosen: Sequence[ServedModel]) -> bool:
    return FEWEST <= len(chosen) <= MOST


def _models(chosen: Sequence[ServedModel]) -> dict[str, RiskModel]:
    return {each.id: each.model for each in chosen}


def _answers(
    asked: Sequence[Question], given: Mapping[str, str]
) -> tuple[dict[str, float | str], dict[str, Wrong]]:
    """Answers by key, and what is no answer; what is left empty is neither."""
    answers: dict[str, float | str] = {}
    wrong: dict[str, Wrong] = {}
    for each in asked:
        text = given.get(each.key)
        if text is None:
            continue
        if each.predictor.categorical:
            value: float | str | Wrong = (
                text if text in each.predictor.levels else Wrong("wrong.level")
            )
        else:
            value = number_of(text)
        if isinstance(value, Wrong):
            wrong[INPUT + each.key] = value
        else:
            answers[each.key] = value
    return answers, wrong


def _horizons(
    chosen: Sequence[ServedModel], given: Mapping[str, str]
) -> tuple[dict[str, float], dict[str, Wrong]]:
    """The time asked for by model, one for all that count in a unit."""
    horizons: dict[str, float] = {}
    wrong: dict[str, Wrong] = {}
    for each in chosen:
        text = given.get(each.model.time_unit)
        if each.model.kind == "logistic" or text is None:
            continue
        value = number_of(text)
        if isinstance(value, Wrong):
            wrong[HORIZON + each.model.time_unit] = value
        elif not 0.0 < value <= each.model.limit:
            wrong[HORIZON + each.model.time_unit] = Wrong("wrong.horizon")
        else:
            horizons[each.id] = value
    return horizons, wrong


def _fields(
    chosen: Sequence[ServedModel],
    form: Mapping[str, str],
    wrong: Mapping[str, Wrong],
    words: Words,
) -> list[Field]:
    """The inputs as a page asks them, with what was typed, times last."""
    asked = questions(_models(chosen))
    names = [each.name for each in asked]
    fields = [
        field_of(each, INPUT, form, wrong, words, repeated=names.count(each.name) > 1)
        for each in asked
    ]
    followed = [each for each in chosen if each.model.kind != "logistic"]
    for unit in dict.fromkeys(each.model.time_unit for each in followed):
        own = [each for each in followed if each.model.time_unit == unit]
        name = HORIZON + unit
        limit = min(each.model.limit for each in own)
        first = own[0].model.horizons[0]
        fields.append(
            Field(
                name=name,
                label=words("horizon", unit=words.known(f"unit.{unit}", unit)),
                hint=words("horizon.hint", limit=f"{limit:g}", first=f"{first:g}"),
                readers=", ".join(each.id for each in own),
                choices=(),
                value=form.get(name, ""),
                wrong=_said(wrong.get(name), words, limit),
            )
        )
    return fields


def _said(wrong: Wrong | None, words: Words, limit: float) -> str:
    if wrong is None:
        return ""
    return words(wrong.key).format(limit=f"{limit:g}")


ENDPOINTS = (
    page_endpoint("/compare", choose),
    page_endpoint("/compare", compared, "POST", reads=(URLENCODED,)),
)
