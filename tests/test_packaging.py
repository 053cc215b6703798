"""The wheel is pure Python, complete, typed and licensed; the locks are whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "vertebrisk"
LOCKS = ("requirements.lock", "requirements-serve.lock", "requirements-dev.lock")
PEERS = "requirements-bench.lock"


def project() -> dict[str, Any]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(document["project"])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements: list[str]) -> set[str]:
    return {canonical(re.split(r"[\s<>=!~;\[]", each, maxsplit=1)[0]) for each in requirements}


def blocks(lock: str) -> dict[str, str]:
    """Each pinned requirement of a lock with its hashes, by name, version and marker."""
    found: dict[str, str] = {}
    key = ""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            key = line.rstrip("\\ ")
            found[key] = ""
        elif line.lstrip().startswith("--hash="):
            found[key] += line
    return found


def pinned(lock: str) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for each in blocks(lock):
        name, _, version = each.partition("==")
        versions.setdefault(canonical(name), set()).add(version)
    return versions


@pytest.mark.parametrize("lock", [*LOCKS, PEERS])
def test_every_line_of_a_lock_is_exact_and_hashed(lock: str) -> None:
    assert len(blocks(lock)) > 10
    for requirement, hashes in blocks(lock).items():
        assert re.match(r"^[a-z0-9-]+==[\w.+]+( ; .+)?$", requirement), requirement
        assert "--hash=sha256:" in hashes, requirement


@pytest.mark.parametrize("lock", [*LOCKS, PEERS])
def test_a_lock_names_no_index_and_no_machine(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|file:|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_the_locks_hold_all_that_the_project_declares() -> None:
    extras = project()["optional-dependencies"]
    assert required(project()["dependencies"]) | {"hatchling"} <= set(pinned("requirements.lock"))
    peers = required(extras.pop("bench"))
    everything = [each for group in extras.values() for each in group]
    assert required(everything) <= set(pinned("requirements-dev.lock"))
    assert peers <= set(pinned(PEERS))


def test_the_lock_of_the_service_holds_what_it_needs_and_little_more() -> None:
    wanted = required(project()["optional-dependencies"]["serve"])
    serving = set(pinned("requirements-serve.lock"))
    assert wanted | required(project()["dependencies"]) <= serving
    assert not {"pytest", "sphinx", "numba"} & serving


def test_the_locks_agree() -> None:
    running, serving, developing = (pinned(lock) for lock in LOCKS)
    assert {name: serving.get(name) for name in running} == running
    assert {name: developing.get(name) for name in serving} == serving
    measured = pinned(PEERS)
    shared = set(measured) & set(developing)
    assert [name for name in shared if versions(measured[name]) - versions(developing[name])] == []


def versions(pins: set[str]) -> set[str]:
    """Versions alone: which platforms need a package differs from lock to lock."""
    return {pin.partition(" ")[0] for pin in pins}


def test_the_version_has_one_home() -> None:
    assert "version" in project()["dynamic"]
    namespace = (SOURCE / "_version.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', namespace)
    assert version is not None
    release = version.group(1).split(".dev")[0]
    assert f"version: {release}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert release in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = out.glob("*.whl")
    assert len(list(out.glob("*.tar.gz"))) == 1
    return path


@pytest.mark.slow
def test_the_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    inside = {
        path.relative_to(SOURCE.parent).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        packaged = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        description = archive.read(metadata).decode("utf-8")
    assert packaged == inside
    assert "vertebrisk/py.typed" in packaged
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "License-Expression: Apache-2.0" in description
    assert "Requires-Python: >=3.11" in description


# Installed without its dependencies, which the environment of the tests lends it.
INSTALL = ("-m", "pip", "install", "--no-deps", "--no-index", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel in it, and no source tree in sight."""
    folder = tmp_path_factory.mktemp("environment")
    venv.EnvBuilder(with_pip=True).create(folder)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, *INSTALL, str(wheel)], check=True, capture_output=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    lent = [each for each in site_packages() if Path(each).is_dir()]
    Path(site, "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    return python


def own_environment() -> dict[str, str]:
    """That of the tests without the path to the source."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def site_packages() -> list[str]:
    return [sysconfig.get_path(name) for name in ("purelib", "platlib")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--version",), ""),
        (("calculator", "li2021", "--out", "calculator.html"), "calculator.html"),
        (("serve", "--help"), "--allowed-host"),
        (("serve", "--make-key", "ward"), "sha256:"),
    ],
)
def test_the_installed_command_works(
    installed: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    command = installed.with_name("vertebrisk.exe" if sys.platform == "win32" else "vertebrisk")
    done = subprocess.run(
        [command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=own_environment(),
    )
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
    if "--out" in arguments:
        page = (tmp_path / arguments[-1]).read_text(encoding="utf-8")
        assert "vertebriskEngine" in page


@pytest.mark.slow
def test_what_is_installed_is_not_the_source(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "-c", "import vertebrisk; print(vertebrisk.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=own_environment(),
    )
    assert str(installed.parents[1]) in done.stdout


@pytest.mark.slow
def test_the_installed_service_answers(installed: Path, tmp_path: Path) -> None:
    """Pages, the calculator and the description are made of files of the package."""
    program = tmp_path / "ask.py"
    program.write_text(ASK, encoding="utf-8")
    done = subprocess.run(
        [installed, program], capture_output=True, text=True, check=False, env=own_environment()
    )
    assert done.returncode == 0, done.stderr


ASK = """
import asyncio, httpx
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.store import ModelStore

async def ask():
    transport = httpx.ASGITransport(Service(ModelStore()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("", "models/li2021", "models/li2021/calculator", "api/v1/docs", "healthz"):
            answer = await client.get(f"/{path}")
            assert answer.status_code == 200, (path, answer.text)

asyncio.run(ask())
"""


@pytest.mark.slow
def test_the_wheel_starts(wheel: Path) -> None:
    """Python imports from the archive itself: no source tree, no installation."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import vertebrisk; print(vertebrisk.__version__, vertebrisk.__file__)",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=wheel.parent,
        env={"PYTHONPATH": str(wheel), "PYTHONSAFEPATH": "1", "SYSTEMROOT": "C:\\Windows"},
    )
    assert done.returncode == 0, done.stderr
    assert wheel.name in done.stdout
