"""The calculator of a model as a page of the service: the same file that stands alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._types import Language
from vertebrisk.bedside.calculator.page import calculator_page, content_policy
from vertebrisk.bedside.service.endpoints import page_endpoint
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.problems import Problem
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.words import words_of
from vertebrisk.errors import ModelError

KEPT = 64  # pages of at most 150 kB each


@dataclass(frozen=True, slots=True)
class Made:
    """A page with the tag that changes when it does."""

    content: bytes
    tag: str


async def calculator(request: Request) -> Response:
    """The calculator of a model.

    It holds no patient, so a browser may keep it, and asks each time whether it is still the
    same. Inputs may stand in the fragment of the address, which is not sent.
    """
    served = asked_model(request)
    try:
        made = await run_in_threadpool(_made, served, words_of(request).language)
    except ModelError as error:
        raise Problem(404, "not-found", str(error)) from None
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": f"{content_policy()}; frame-ancestors 'none'",
        "ETag": made.tag,
        "Vary": "Accept-Language",
    }
    if made.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(made.content, headers=headers, media_type="text/html")


@lru_cache(maxsize=KEPT)
def _made(served: ServedModel, language: Language) -> Made:
    content = calculator_page(served.model, language).encode("utf-8")
    return Made(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


ENDPOINTS = (page_endpoint("/models/{model}/calculator", calculator),)
