"""The log: one JSON object a line, which never holds a patient's value.

A request is told by the pattern of its address, not the address; no header, no query, no body
and no text of an error that could quote them is written.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from types import TracebackType
from typing import TextIO

LOGGER = "vertebrisk.service"
SERVER = "uvicorn.error"
_log = logging.getLogger(LOGGER)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, event and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what the server says of itself is the event 'server'."""
        fields = getattr(record, "fields", None)
        line = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}"
            f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
        }
        if fields is None:
            line |= {"event": "server", "message": str(record.msg)}
        else:
            line |= {"event": record.msg, **fields}
        return json.dumps(line)


def log_to(stream: TextIO = sys.stderr) -> None:
    """Write the log of the service, and warnings of the server under it, to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    for name, level in ((LOGGER, logging.INFO), (SERVER, logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False


def tell(event: str, level: int = logging.INFO, **fields: object) -> None:
    """Write one event."""
    if _log.isEnabledFor(level):
        _log.log(level, event, extra={"fields": fields})


def tell_model(event: str, model: str, sentence: str) -> None:
    """Write that a model file was taken up or refused."""
    level = logging.WARNING if event == "model-refused" else logging.INFO
    tell(event, level, model=model, detail=sentence)


def tell_refused_token(route: str, reason: str, client: str) -> None:
    """Write why a token was not taken; the client is the one that it says it is of."""
    named = {"client": client} if client else {}
    tell("token-refused", logging.WARNING, route=route, reason=reason, **named)


def tell_failure(route: str, error: Exception) -> None:
    """Write that the service failed: what kind of error and where, not what it says."""
    tell(
        "failure",
        logging.ERROR,
        route=route,
        error=type(error).__name__,
        at=_place(error.__traceback__),
    )


def _place(trace: TracebackType | None) -> str:
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
