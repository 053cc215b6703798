"""The calculator of a model as one self-contained page: no network, no patient."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from functools import cache
from importlib.resources import files

from vertebrisk._types import FloatArray, Language
from vertebrisk.bedside.calculator.packing import CHARACTERS, room_for_draws
from vertebrisk.bedside.calculator.payload import calculator_payload, payload_text
from vertebrisk.design.translating import in_language
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.messages import say

LARGEST_PAGE = 150_000  # bytes: an attachment that every mailbox and phone takes
FEWEST_DRAWS = 200  # of which limits of 95% are still made
ENGINE = (  # the arithmetic
    "unpacking.js",
    "design.js",
    "mixtures.js",
    "filling.js",
    "risks.js",
    "remarks.js",
    "engine.js",
)
SCRIPTS = (
    *ENGINE,
    "dom.js",
    "words.js",
    "entry.js",
    "inputs.js",
    "answer.js",
    "factors.js",
    "curve.js",
    "axes.js",
    "picking.js",
    "nomogram.js",
    "about.js",
    "page.js",
)
COMMENT = re.compile(r"^/\*.*?\*/$", re.DOTALL | re.MULTILINE)
TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)""")
SPACED = re.compile(r" *([=<>*?:;,(){}\[\]&|]) *")  # not + and -, which join to others
DECLARED = re.compile(r" *([{};,]) *|(?<=:) ")


def calculator_page(model: RiskModel, language: Language = "en") -> str:
    """The calculator as one HTML page that opens from a disk and loads nothing.

    Parameters
    ----------
    model : RiskModel
        Fitted, published or converted; one that gives absolute risks.
    language : {"en", "zh"}
        In which the page opens; a button switches it.

    Returns
    -------
    str
        The page; the same model and language give the same text. A content security policy
        allows its one script and its one style, by their hashes, and nothing else.

    Raises
    ------
    ModelError
        When the model has no calculator (see `calculator_payload`), or its page would be
        larger than 150 kB.
    """
    page = _rendered(model, language)
    excess = len(page.encode()) - LARGEST_PAGE
    if excess > 0 and model.draws is not None:
        page = _rendered(model, language, _fewer_draws(model.draws, excess))
    size = len(page.encode())
    if size > LARGEST_PAGE:
        raise ModelError(
            say(
                "The calculator of this model would have {size:,} bytes; at most {largest:,} are "
                "allowed. A model with fewer coefficients, levels or strata, or with shorter "
                "labels, fits.",
                size=size,
                largest=LARGEST_PAGE,
            )
        )
    return page


def content_policy() -> str:
    """What the pages of all models allow: their one script and their one style sheet."""
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_style())}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _fewer_draws(draws: FloatArray, excess: int) -> int:
    """How many draws leave the page small enough; a few are kept however large it is."""
    columns = int(draws.shape[1])
    kept = min(int(draws.shape[0]), room_for_draws(columns))
    return max(FEWEST_DRAWS, kept - math.ceil(excess / (CHARACTERS * columns)) - 1)


def _rendered(model: RiskModel, language: Language, most_draws: int | None = None) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    payload = calculator_payload(model, most_draws)
    messages = json.loads(_text("messages.json"))
    outcome = in_language(model.outcome, language)
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        _text("calculator.html.j2")
    )
    return template.render(
        tag=messages[language]["tag"],
        title=messages[language]["title"].format(outcome.label or outcome.name),
        policy=content_policy(),
        style=Markup(_style()),
        script=Markup(_script()),
        payload=Markup(_inert(payload_text(payload))),
        messages=Markup(_inert(json.dumps(messages, ensure_ascii=False, separators=(",", ":")))),
    )


@cache
def _style() -> str:
    return "".join(DECLARED.sub(r"\1", line) for line in _lean(_text("calculator.css")))


@cache
def _script() -> str:
    return "".join(_tight(line) for name in SCRIPTS for line in _lean(_text(name)))


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _lean(source: str) -> list[str]:
    """Lines of a script or style without indentation and comments; no text of ours spans lines."""
    lines = (line.strip() for line in COMMENT.sub("", source).splitlines())
    return [f"{line}\n" for line in lines if line and not line.startswith("//")]


def _tight(line: str) -> str:
    """A line of a script without spaces that mean nothing.

    Texts stay as they are, and so do lines with a slash outside them, which may begin a
    regular expression.
    """
    parts = TEXT.split(line)
    if any("/" in code for code in parts[::2]):
        return line
    parts[::2] = [SPACED.sub(r"\1", code) for code in parts[::2]]
    return "".join(parts)


def _inert(text: str) -> str:
    """JSON that cannot end the element which holds it."""
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
