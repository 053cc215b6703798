"""A service at an address of this machine, for the tests of its pages in a browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from vertebrisk.bedside.service.app import Service

Serve = Callable[[Service], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a service and gives its address; all of them end with the test."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Service) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        options: Any = {"lifespan": "off", "log_config": None, "access_log": False}
        server = uvicorn.Server(uvicorn.Config(app, server_header=False, **options))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
