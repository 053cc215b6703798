"""JSON as RFC 8259 has it and no more: what two readers could understand differently is refused.

References
----------
RFC 8259, https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from vertebrisk.bedside.service.problems import Problem

MAX_DEPTH = 32


def read_json(content: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """The document that some bytes are.

    NaN and Infinity, a name that stands twice in an object, text that is not UTF-8, and
    nesting beyond `max_depth` are refused. A number beyond the range of numbers (1e400)
    comes back infinite: the reader of a field refuses it by its name.

    Raises
    ------
    Problem
        400, with what is wrong and where.
    """
    if not content:
        raise _malformed("The body is empty; a JSON document is needed.")
    try:
        document = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _malformed(
            f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    except RecursionError:
        raise _malformed(f"The document is nested deeper than {max_depth} levels.") from None
    except ValueError:
        raise _malformed("The body holds a whole number of thousands of digits.") from None
    opened = content.count(b"{") + content.count(b"[")
    if opened > max_depth and _depth(document, max_depth) > max_depth:
        raise _malformed(f"The document is nested deeper than {max_depth} levels.")
    return document


def _depth(document: Any, limit: int) -> int:
    """Levels of nesting, counted no further than one beyond the limit."""
    level, layer = 0, [document]
    while layer and level <= limit:
        inner: list[Any] = []
        nested = False
        for each in layer:
            if isinstance(each, dict):
                inner += each.values()
                nested = True
            elif isinstance(each, list):
                inner += each
                nested = True
        level += nested
        layer = inner
    return level


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed-json", detail)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("An object of the body has the same name twice; give each name once.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _malformed(f"The body holds {name}, which JSON does not have; give a number.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
