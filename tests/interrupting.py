"""A process that says when it has begun, and is then interrupted as by Ctrl-C, or ended."""

from __future__ import annotations

import signal
import subprocess
import sys


def check_interrupted(*arguments: str, by: signal.Signals = signal.SIGINT) -> None:
    """It ends with one line and status 130, long before its ten minutes of work are over."""
    # What runs in the background has Ctrl-C ignored, and so has all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "begun\n"
            process.send_signal(by)
            # The pipes are closed when the last process that works for it has ended.
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert said == "vertebrisk: interrupted; files are whole or absent.\n"
