"""Pages of the service: templates beside this module, every value escaped, no script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._version import __version__
from vertebrisk.bedside.service.access.headers import page_policy
from vertebrisk.bedside.service.problems import Problem
from vertebrisk.bedside.service.words import words_of

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = "service.css"
# A form is sent with its origin, which is how a page of another origin is told apart;
# under 'no-referrer' a browser would send 'null' in its place.
REFERRER = "same-origin"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_template),
    )


@cache
def _template(name: str) -> str:
    folder = resources.files("vertebrisk.bedside.service") / "templates"
    return (folder / name).read_text(encoding="utf-8")


def page(
    name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """A page of a template, with the style sheet in it and a policy that admits nothing else."""
    from markupsafe import Markup

    style = _template(STYLE)
    text = _environment().get_template(name).render(style=Markup(style), **values)
    return Response(
        text.encode("utf-8", "replace"),
        status,
        headers={"Content-Security-Policy": page_policy(style), **(headers or {})},
        media_type="text/html",
    )


def localised(request: Request, name: str, status: int = 200, **values: object) -> Response:
    """A page in the language of the request, with the frame that all pages have.

    Templates have `t`, the texts; `path`, the address without its query; and `home`, the
    part of the site that the page belongs to.
    """
    return page(
        name,
        status,
        {"Referrer-Policy": REFERRER, "Vary": "Accept-Language"},
        t=words_of(request),
        path=request.scope["path"],
        version=__version__,
        **values,
    )


def wants_page(accept: str) -> bool:
    """Whether an Accept header is that of a person's browser rather than of a program."""
    return "text/html" in accept.lower()


def problem_page(request: Request, problem: Problem) -> Response:
    """What went wrong, for a person."""
    response = localised(request, "problem.html.j2", problem.status, problem=problem)
    response.headers.update(problem.headers)
    return response
