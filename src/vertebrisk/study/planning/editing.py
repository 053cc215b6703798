"""A protocol's text with some keys changed, and everything else as it was written."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol.draft import toml_key, toml_text

_WIDTH = 100
_CLOSERS = ("]", "}", '"""', "'''")


@dataclass(frozen=True, slots=True)
class Change:
    """A key with its new value, None to take it out, and the reason that stands above it."""

    table: str
    key: str
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class _Statement:
    """Lines that stand for one thing: `path` is a header's or a key's, () of a comment."""

    lines: tuple[str, ...]
    path: tuple[str, ...]
    header: bool = False


def edited(text: str, changes: Sequence[Change]) -> str:
    """The text with the changes, each under a comment with its reason.

    Keys that are not changed, their comments and the other tables stay to the letter. A table
    that has no header of its own in the text is written anew.
    """
    tables = dict.fromkeys(change.table for change in changes)
    statements = list(_statements(text.rstrip("\r\n")))
    for table in tables:
        wanted = {each.key: each for each in changes if each.table == table}
        if not any(each.header and each.path == (table,) for each in statements):
            statements = _with_header(statements, table, tomllib.loads(text).get(table, {}))
        statements = _changed(statements, table, wanted)
    return "\n".join(line for each in statements for line in each.lines).rstrip("\n") + "\n"


def _statements(text: str) -> Iterator[_Statement]:
    table: tuple[str, ...] = ()
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            yield _Statement((lines[at],), ())
            at += 1
            continue
        end, document = _whole(lines, at)
        if lines[at].lstrip().startswith("["):
            table = _header_path(document)
            yield _Statement(tuple(lines[at:end]), table, header=True)
        else:
            yield _Statement(tuple(lines[at:end]), (*table, next(iter(document))))
        at = end


def _whole(lines: Sequence[str], start: int) -> tuple[int, dict[str, Any]]:
    """Where the statement that begins here ends: with the first lines that are TOML."""
    for end in range(start + 1, len(lines) + 1):
        if end > start + 1 and not any(mark in lines[end - 1] for mark in _CLOSERS):
            continue
        try:
            return end, tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
    raise ProtocolError("The protocol is not valid TOML.")


def _header_path(document: Any) -> tuple[str, ...]:
    path: list[str] = []
    while document:
        if isinstance(document, list):
            document = document[0]
            continue
        name = next(iter(document))
        path.append(name)
        document = document[name]
    return tuple(path)


def _with_header(
    statements: Iterable[_Statement], table: str, values: Mapping[str, Any]
) -> list[_Statement]:
    kept = [each for each in statements if each.path[:1] != (table,)]
    written = [_Statement((_assigned(key, each),), (table, key)) for key, each in values.items()]
    head = _Statement(("", f"[{toml_key(table)}]"), (table,), header=True)
    return [*kept, head, *written]


def _changed(
    statements: Sequence[_Statement], table: str, wanted: Mapping[str, Change]
) -> list[_Statement]:
    """Changed keys in the place of the old ones; new ones below the last of the table."""
    out: list[_Statement] = []
    done: set[str] = set()
    last = 0
    own = False
    for each in statements:
        own = each.path == (table,) if each.header else own
        key = each.path[1] if len(each.path) > 1 and each.path[0] == table else ""
        if key not in wanted:
            out.append(each)
        elif own and not each.header and key not in done:
            out.append(_written(wanted[key]))
            done.add(key)
        if own and each.path and (key not in wanted or key in done):
            last = len(out)
    new = [_written(wanted[key]) for key in wanted if key not in done]
    return [*out[:last], *new, *out[last:]]


def _written(change: Change) -> _Statement:
    reason = textwrap.wrap(change.reason, _WIDTH - 2, break_long_words=False)
    lines = [f"# {line}" for line in reason]
    if change.value is not None:
        lines.append(_assigned(change.key, change.value))
    return _Statement(tuple(lines), (change.table, change.key))


def _assigned(key: str, value: Any) -> str:
    line = f"{toml_key(key)} = {_value(value)}"
    if not isinstance(value, list | tuple) or len(line) <= _WIDTH:
        return line
    rows = [f"    {row}," for row in _packed(value)]
    return "\n".join([f"{toml_key(key)} = [", *rows, "]"])


def _packed(values: Sequence[Any]) -> list[str]:
    rows: list[str] = []
    for each in values:
        text = _value(each)
        if rows and len(rows[-1]) + len(text) + 8 <= _WIDTH:
            rows[-1] += f", {text}"
        else:
            rows.append(text)
    return rows


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return toml_text(value) if isinstance(value, str) else f"{value}"
