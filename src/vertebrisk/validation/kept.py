"""A batch of a validation as bytes, for as long as the whole is not finished.

Only what each resample gave is written: its measures, curves and coefficients. What models say
of single patients, which leaving patients out needs, is no such batch and is never kept.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import fields

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import DataError
from vertebrisk.validation.resampling import Replicates

MARK = b"vertebrisk/unfinished 1"
_BY_NAME = ("training", "test")


def packed(replicates: Replicates, key: str) -> bytes:
    """The batch of a run that `key` stands for."""
    arrays: dict[str, FloatArray] = {}
    for each in fields(Replicates):
        value = getattr(replicates, each.name)
        if each.name in _BY_NAME:
            arrays |= {f"{each.name}/{name}": array for name, array in value.items()}
        elif value is not None:
            arrays[each.name] = value
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    content = stream.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return b"\n".join([MARK, key.encode("ascii"), digest.encode("ascii"), content])


def unpacked(content: bytes, key: str, count: int) -> Replicates:
    """The batch of `count` resamples that `packed` wrote.

    Raises
    ------
    DataError
        It is damaged, or belongs to another run: a few words say which.
    """
    mark, _, rest = content.partition(b"\n")
    own, _, rest = rest.partition(b"\n")
    digest, _, arrays = rest.partition(b"\n")
    if mark != MARK or hashlib.sha256(arrays).hexdigest().encode("ascii") != digest:
        raise DataError("damaged")
    if own != key.encode("ascii"):
        raise DataError("of another protocol, data, seed or version")
    values: dict[str, object] = {name: {} for name in _BY_NAME}
    try:
        with np.load(io.BytesIO(arrays), allow_pickle=False) as found:
            for name in found.files:
                table, _, measure = name.partition("/")
                if measure:
                    values[table] = {**_named(values[table]), measure: found[name]}
                else:
                    values[name] = found[name]
        made = Replicates(**values)  # type: ignore[arg-type]
    except (ValueError, TypeError, KeyError, OSError):
        raise DataError("damaged") from None
    if made.usable.size != count:
        raise DataError("damaged")
    return made


def _named(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
