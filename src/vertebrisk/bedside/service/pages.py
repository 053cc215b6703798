"""Pages of the service: templates beside this module, every value escaped, no script."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from starlette.responses import Response

from vertebrisk.bedside.service.headers import page_policy

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = "service.css"


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


def page(name: str, **values: object) -> Response:
    """A page of a template, with the style sheet in it and a policy that admits nothing else."""
    from markupsafe import Markup

    style = _template(STYLE)
    text = _environment().get_template(name).render(style=Markup(style), **values)
    return Response(
        text.encode("utf-8", "replace"),
        headers={"Content-Security-Policy": page_policy(style)},
        media_type="text/html",
    )
