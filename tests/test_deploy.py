"""The container file and the systemd unit: their options exist, and nothing in them is loose."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from vertebrisk.bedside.service.running import STOP_SECONDS
from vertebrisk.cli import serve

ROOT = Path(__file__).resolve().parents[1]
CONTAINER = ROOT / "deploy" / "Containerfile"
UNIT = ROOT / "deploy" / "vertebrisk.service"
DOCS = ROOT / "docs" / "howto" / "deploy.md"
LOCK = "requirements-serve.lock"


def options(words: list[str]) -> argparse.Namespace:
    """What `vertebrisk serve` makes of a command line; it ends the test where it is none."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    serve.add(parser.add_subparsers())
    return parser.parse_args(words)


def instructions() -> list[tuple[str, str]]:
    """Instructions of the container file with what follows each."""
    text = re.sub(r"^#.*\n", "", CONTAINER.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]


def last(name: str) -> str:
    return [rest for each, rest in instructions() if each == name][-1]


def settings(name: str) -> list[str]:
    """All values of one setting of the unit."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def test_the_container_starts_a_command_that_exists() -> None:
    program, *words = json.loads(last("ENTRYPOINT"))
    assert program == "vertebrisk"
    chosen = options(words)
    assert chosen.insecure_public, "without it the command refuses the address of a container"
    assert str(chosen.port) == last("EXPOSE")
    assert f"{chosen.port}, timeout" in last("HEALTHCHECK")


def test_the_container_holds_what_the_lock_says_and_runs_as_nobody() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER"))
    assert f"--require-hashes --only-binary :all: -r {LOCK}" in text
    assert "--no-deps --no-build-isolation ." in text
    assert ":latest" not in text
    code = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert code[:2] == ["python", "-c"]
    compile(code[2], "health", "exec")


def test_the_build_sees_what_it_copies_and_no_history() -> None:
    ignored = CONTAINER.with_name("Containerfile.dockerignore").read_text(encoding="utf-8")
    admitted = {line[1:] for line in ignored.splitlines() if line.startswith("!")}
    assert "*" in ignored.splitlines()
    copied = [
        source
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    for source in copied:
        assert (ROOT / source).exists()
        assert any(fnmatch(source, each) for each in admitted), source
    assert admitted == set(copied), "what is sent to the build is used by it"


def test_the_unit_starts_a_command_that_exists() -> None:
    (start,) = settings("ExecStart")
    program, *words = shlex.split(start)
    assert program.endswith("/bin/vertebrisk")
    chosen = options([word for word in words if word != "$OPTIONS"])
    assert chosen.host == "127.0.0.1"
    assert chosen.api_keys == Path("${CREDENTIALS_DIRECTORY}/keys")
    assert settings("SocketBindAllow") == [f"tcp:{chosen.port}"]
    assert [each.partition(":")[0] for each in settings("LoadCredential")] == ["keys"]


def test_the_unit_waits_for_requests_under_way() -> None:
    (seconds,) = settings("TimeoutStopSec")
    assert int(seconds) > STOP_SECONDS
    assert settings("KillSignal") == ["SIGTERM"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("CapabilityBoundingSet", ""),
        ("IPAddressDeny", "any"),
        ("IPAddressAllow", "localhost"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6"),
    ],
)
def test_the_unit_is_closed(name: str, value: str) -> None:
    assert settings(name) == [value]


def test_options_in_the_text_exist() -> None:
    text = DOCS.read_text(encoding="utf-8").replace("\\\n", " ")
    (given,) = re.findall(r"^OPTIONS=(.+)$", text, re.MULTILINE)
    options(["serve", *shlex.split(given)])
    (run,) = re.findall(r"^docker run .+?$", text, re.MULTILINE)
    words = shlex.split(run)
    image = len(words) - words[::-1].index("vertebrisk")
    options(["serve", *words[image:]])
    options(["serve", "--make-key", "ward"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True, check=False
    )
    # the command itself is not installed where the tests run
    told = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert [line for line in told if UNIT.name in line] == []
