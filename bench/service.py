"""The service under load on the loopback address: answers a second, their times, its memory.

The service and the load generator are a process each, so that on two cores neither waits for the
other's interpreter. The rate limit is off.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timings import Measured, environment

CONNECTIONS = 8
WARM_UP = 2_000
REQUESTS = 20_000
LONG = 200_000
LOOKS = 10  # at the memory, during the long run
GOAL_RATE = 3_000
GOAL_P99_MS = 20.0
GOAL_CARD_MS = 500.0
PATIENT = {"ivc": "Yes", "fascia_oedema": "Yes", "goutallier": "2", "cement_distribution": "Blocky"}
PATH = "/api/v1/models/li2021/predict"
CARD = "/cds-services/li2021"


@dataclass(frozen=True, slots=True)
class Load:
    """What the load generator saw."""

    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float
    failed: int

    @classmethod
    def of(cls, document: dict[str, Any]) -> Load:
        """From what the generator printed."""
        taken = sorted(document["microseconds"])
        at = [taken[math.ceil(share * len(taken)) - 1] / 1000 for share in (0.5, 0.95, 0.99, 1.0)]
        good = document["statuses"].get("200", 0)
        return cls(len(taken), len(taken) / document["seconds"], *at, len(taken) - good)

    def line(self, name: str) -> str:
        """For people."""
        return (
            f"{name}: {self.per_second:,.0f} requests/s, p50 {self.p50_ms:.2f} ms, "
            f"p95 {self.p95_ms:.2f} ms, p99 {self.p99_ms:.2f} ms, longest "
            f"{self.longest_ms:.0f} ms, {self.requests:,} requests, {self.failed} failed"
        )


def measure() -> Measured:
    found = Measured()
    one = json.dumps({"patient": PATIENT})
    many = json.dumps({"patients": [PATIENT] * 1000})
    with running("--quiet") as (process, port):
        asked(port, one, WARM_UP)
        note(found, "one patient a request", asked(port, one, REQUESTS))
        found.notes.append(
            f"   goal: {GOAL_RATE:,} requests/s or more, p99 below {GOAL_P99_MS:g} ms"
        )
        note(found, "1000 patients a request", asked(port, many, 200))
        note(found, "a card of CDS Hooks", asked(port, card_request(), REQUESTS // 4, CARD))
        found.notes.append(f"   goal: every answer within {GOAL_CARD_MS:g} ms")
        memory(found, process, port, one)
    with running() as (_, port):
        asked(port, one, WARM_UP)
        note(found, "one patient a request, with the log", asked(port, one, REQUESTS))
    return found


def note(found: Measured, name: str, load: Load) -> None:
    found.numbers[name] = {each: getattr(load, each) for each in load.__slots__}
    found.notes.append(load.line(name))


def memory(found: Measured, process: subprocess.Popen[str], port: int, body: str) -> None:
    """Resident memory during many requests; flat means that none is kept."""
    seen, failed = [resident_mb(process.pid)], 0
    for _ in range(LOOKS):
        failed += asked(port, body, LONG // LOOKS).failed
        seen.append(resident_mb(process.pid))
    found.numbers[f"memory during {LONG} requests, MB"] = seen
    found.notes.append(
        f"memory of the service during {LONG:,} requests: {seen[0]:.1f} MB before, "
        f"{max(seen):.1f} MB at most, {seen[-1]:.1f} MB after; {failed} failed"
    )


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The service on a free port; its log goes to a file that is thrown away."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "vertebrisk",
                "serve",
                "--port",
                "0",
                "--no-rate-limit",
                *options,
            ],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            if address is None:
                log.seek(0)
                raise RuntimeError(f"the service did not start: {log.read()}")
            yield process, int(address[1])
        finally:
            process.terminate()
            process.communicate()


def card_request() -> str:
    """What a record sends that opened a patient: an Observation for every input."""
    prefetch: dict[str, Any] = {"patient": {"resourceType": "Patient", "id": "42"}}
    for name, level in PATIENT.items():
        inputs, levels = (f"urn:vertebrisk:model:li2021:{each}" for each in ("inputs", "levels"))
        value = {"coding": [{"system": levels, "code": f"{name}={level}"}]}
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": inputs, "code": name}]},
            "subject": {"reference": "Patient/42"},
            "effectiveDateTime": "2026-05-01T08:00:00Z",
            "valueCodeableConcept": value,
        }
        entries = [{"resource": observation}]
        prefetch[name] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    return json.dumps(
        {
            "hook": "patient-view",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {"userId": "Practitioner/7", "patientId": "42"},
            "prefetch": prefetch,
        }
    )


def asked(port: int, body: str, requests: int, path: str = PATH) -> Load:
    """So many requests by the load generator."""
    client = str(Path(__file__).with_name("load_client.py"))
    arguments = ["127.0.0.1", str(port), path, str(CONNECTIONS), str(requests)]
    done = subprocess.run(
        [sys.executable, client, *arguments],
        check=True,
        input=body.encode("utf-8"),
        stdout=subprocess.PIPE,
    )
    return Load.of(json.loads(done.stdout))


def resident_mb(process: int) -> float:
    """Memory of a process; needs Linux."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the service has ended")
