"""The architecture holds: the order of the rooms, what may be imported, what must not be said."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "vertebrisk"

# From the file to the page: a room imports from those before it, never from those after it.
FOUNDATION = ("errors", "findings", "_checks", "_types", "_files", "_frames", "_version", "text")
ORDER = (
    "kernels",
    "engines",
    "design",
    "protocol",
    "cohort",
    "comparison",
    "validation",
    "nomogram",
    "models",
    "sklearn",
    "evidence",
    "report",
    "bedside",
    "studies",
    "study",
    "cli",
)
RANK = dict.fromkeys(FOUNDATION, 0) | {name: 1 + place for place, name in enumerate(ORDER)}

# scipy.stats takes longer to import than most studies to run; pandas is accepted, not needed.
SLOW = ("scipy.stats", "pandas", "statsmodels", "sklearn")
# One module is an estimator of scikit-learn; nothing else of the package imports that module.
ESTIMATOR = "sklearn.py"
# No patient row leaves the machine.
NETWORK = (
    "aiohttp", "anyio", "asyncio", "dask", "distributed", "ftplib", "http.client", "http.server",
    "httpx", "requests", "smtplib", "socket", "ssl", "starlette", "telnetlib", "tornado",
    "urllib.request", "urllib3", "uvicorn", "webbrowser", "xmlrpc",
)  # fmt: skip
# The service answers requests, so its room may listen; it asks nobody, so nothing there may
# open a connection: the one module with a socket binds the address that the command names.
SERVICE = "bedside/service/"
LISTENING = ("starlette",)
LISTENING_IN = {
    "bedside/service/guard.py": ("asyncio",),  # the time in which a body must arrive
    "bedside/service/protocol.py": ("asyncio", "uvicorn"),  # and its head
    "bedside/service/running.py": ("socket", "uvicorn"),  # the address and the server on it
}
# A user may name the scheduler of a cluster. One module then asks it for sums, over what dask
# opens and packs; it loads dask when it is named, and only the list of engines knows the module.
CLUSTER = "engines/clustered.py"
CLUSTER_MODULE = "vertebrisk.engines.clustered"
CLUSTER_KNOWN_IN = "engines/naming.py"
CONNECTING_CALLS = {
    "asyncio.open_connection", "socket.create_connection", "socket.getaddrinfo", "socket.socket",
}  # fmt: skip
CONNECTING_METHODS = {"connect", "connect_ex", "create_connection", "sendto"}
CONNECTING_NAMES = CONNECTING_METHODS | {name.rpartition(".")[2] for name in CONNECTING_CALLS}
# A file from a stranger runs no code.
UNSAFE = ("marshal", "pickle", "shelve", "dill", "joblib", "subprocess", "xml")
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
POSIX_ONLY = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty")
POSIX_ONLY_CALLS = {
    "os.chown", "os.fork", "os.geteuid", "os.getuid", "os.killpg", "os.mkfifo", "os.setsid",
    "os.uname", "signal.SIGALRM", "signal.SIGHUP", "signal.SIGKILL", "signal.alarm",
}  # fmt: skip


class Import(NamedTuple):
    """One imported module and the line that imports it."""

    line: int
    module: str


@cache
def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def source_id(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def room_of(module: str) -> str:
    """The room of a module of the package: 'vertebrisk.models.tables' is in 'models'."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# ``__init__`` and ``__main__`` of the package only hand names on, and import from every room.
PACKAGE = "vertebrisk"


def room_of_file(path: Path) -> str:
    handing_on = path.parent == SOURCE and path.stem in ("__init__", "__main__")
    return PACKAGE if handing_on else room_of(module_of(path))


ROOMS = sorted({room_of_file(path) for path in sources()} - {PACKAGE})


class Source(NamedTuple):
    """What the tests ask of one file, which is read once."""

    name: str
    module: str
    imports: list[Import]
    calls: set[str]
    attributes: set[str]
    connecting: list[str]


@cache
def read(path: Path) -> Source:
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return Source(
        source_id(path),
        module,
        list(imports_among(nodes, package)),
        {each.func.id for each in nodes
         if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)},
        {f"{each.value.id}.{each.attr}" for each in nodes
         if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)},
        connecting_among(nodes),
    )  # fmt: skip


def wrong_in(room: str, wrong: Callable[[Source], list[str]]) -> list[str]:
    """What is wrong in the files of a room, each with its file."""
    found = [read(path) for path in sources() if room_of_file(path) == room]
    assert found, f"no source was found in '{room}'"
    return [f"{source.name}: {each}" for source in found for each in wrong(source)]


def imports_in(text: str, package: str) -> Iterator[Import]:
    return imports_among(ast.walk(ast.parse(text)), package)


def imports_among(nodes: Iterable[ast.AST], package: str) -> Iterator[Import]:
    """Every module imported at any depth; ``from a import b`` counts as a and as a.b."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield Import(node.lineno, base)
            for alias in node.names:
                yield Import(node.lineno, f"{base}.{alias.name}")


def backward_arrows(room: str, imports: list[Import]) -> list[str]:
    """Imports of a room that comes later, or that the order does not know."""
    wrong = []
    for line, module in imports:
        if not module.startswith("vertebrisk."):
            continue
        target = room_of(module)
        if target not in RANK:
            wrong.append(f"line {line}: '{target}' has no place in the order")
        elif RANK[target] > RANK[room]:
            wrong.append(f"line {line}: {room} imports {target}, which comes after it")
    return wrong


def forbidden(imports: list[Import], names: tuple[str, ...]) -> list[str]:
    return [
        f"line {line}: {module}"
        for line, module in imports
        if any(module == name or module.startswith(f"{name}.") for name in names)
    ]


def listening_allowed(source: str) -> tuple[str, ...]:
    """Network modules that one file may import."""
    if source == CLUSTER:
        return ("distributed",)
    if not source.startswith(SERVICE):
        return ()
    return LISTENING + LISTENING_IN.get(source, ())


def test_every_room_has_its_place() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    modules = {path.stem for path in SOURCE.glob("*.py")} - {"__init__", "__main__"}
    assert sources(), "no source was found"
    assert rooms | modules <= set(RANK)


@pytest.mark.parametrize("room", ROOMS)
def test_no_arrow_points_back(room: str) -> None:
    assert wrong_in(room, lambda source: backward_arrows(room, source.imports)) == []


def test_a_backward_arrow_is_seen() -> None:
    text = "from vertebrisk.errors import DataError\nfrom vertebrisk import models\n"
    found = backward_arrows("kernels", list(imports_in(text, "vertebrisk.kernels")))
    assert found == ["line 2: kernels imports models, which comes after it"]
    relative = list(imports_in("from ..study import run\n", "vertebrisk.report"))
    assert backward_arrows("report", relative)[0] == (
        "line 1: report imports study, which comes after it"
    )
    unknown = list(imports_in("import vertebrisk.attic\n", "vertebrisk.report"))
    assert backward_arrows("report", unknown) == ["line 1: 'attic' has no place in the order"]


def slow_networked_or_unsafe(source: Source) -> list[str]:
    slow = set(SLOW) - {"sklearn"} if source.name == ESTIMATOR else {*SLOW, "vertebrisk.sklearn"}
    network = set(NETWORK) - set(listening_allowed(source.name)) | {"starlette.testclient"}
    return forbidden(source.imports, (*slow, *network, *UNSAFE, *POSIX_ONLY))


@pytest.mark.parametrize("room", [PACKAGE, *ROOMS])
def test_nothing_slow_networked_or_unsafe_is_imported(room: str) -> None:
    assert wrong_in(room, slow_networked_or_unsafe) == []


@pytest.mark.parametrize("room", [PACKAGE, *ROOMS])
def test_no_text_is_evaluated_and_no_posix_only_call_is_made(room: str) -> None:
    def calls(source: Source) -> list[str]:
        return sorted(source.calls & UNSAFE_CALLS | source.attributes & POSIX_ONLY_CALLS)

    assert wrong_in(room, calls) == []


@pytest.mark.parametrize("room", [PACKAGE, *ROOMS])
def test_nothing_opens_a_connection(room: str) -> None:
    assert wrong_in(room, lambda source: source.connecting) == []


def connecting(text: str) -> list[str]:
    return connecting_among(ast.walk(ast.parse(text)))


def connecting_among(nodes: Iterable[ast.AST]) -> list[str]:
    found = []
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CONNECTING_NAMES
        ):
            name = ast.unparse(node.func)
            if name in CONNECTING_CALLS or node.func.attr in CONNECTING_METHODS:
                found.append(f"line {node.lineno}: {name}")
    return found


def at_the_top(text: str) -> list[Import]:
    """What is imported as soon as the module is."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return list(imports_in(ast.unparse(tree), "vertebrisk"))


def test_a_cluster_is_asked_by_one_module_and_only_when_it_is_named() -> None:
    for path in sources():
        if source_id(path) != CLUSTER_KNOWN_IN:
            assert forbidden(read(path).imports, (CLUSTER_MODULE,)) == [], path
    known = (SOURCE / CLUSTER_KNOWN_IN).read_text(encoding="utf-8")
    assert forbidden(at_the_top(known), (CLUSTER_MODULE,)) == []
    assert forbidden(at_the_top((SOURCE / CLUSTER).read_text(encoding="utf-8")), NETWORK) == []
    seen = at_the_top("import distributed\ndef f():\n    import dask\n")
    assert forbidden(seen, NETWORK) == ["line 1: distributed"]
    assert listening_allowed("engines/engine.py") == ()


def test_a_connection_is_seen_and_only_the_service_may_listen() -> None:
    assert connecting("import socket\nsocket.socket().connect(('example.org', 80))\n") == [
        "line 2: socket.socket().connect",
        "line 2: socket.socket",
    ]
    assert listening_allowed("report/page/html.py") == ()
    assert "uvicorn" not in listening_allowed("bedside/service/app.py")
    assert "uvicorn" in listening_allowed("bedside/service/running.py")


def test_a_forbidden_import_is_seen() -> None:
    imports = list(
        imports_in("from scipy import stats\nimport urllib.request as r\n", "vertebrisk")
    )
    assert forbidden(imports, SLOW) == ["line 1: scipy.stats"]
    facade = list(imports_in("from vertebrisk.sklearn import RiskClassifier\n", "vertebrisk.cli"))
    assert forbidden(facade, ("vertebrisk.sklearn",))[0] == "line 1: vertebrisk.sklearn"
    assert forbidden(imports, NETWORK) == ["line 2: urllib.request"]


# Loading these takes longer than the whole answer of `vertebrisk --help` may.
HEAVY = (
    "jinja2", "matplotlib", "numpy", "polars", "pydantic", "pyreadstat", "rich", "scipy", "sklearn",
)  # fmt: skip

IMPORT_ONLY = "import vertebrisk"
HELP = """
import runpy
sys.argv = ["vertebrisk", "--help"]
try:
    runpy.run_module("vertebrisk", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
"""


@pytest.mark.parametrize("action", [IMPORT_ONLY, HELP], ids=["import", "help"])
def test_nothing_heavy_is_loaded_before_it_is_used(action: str) -> None:
    report = f"import json; print(); print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\nsys.path.insert(0, {str(SOURCE.parent)!r})\n{action}\n{report}",
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


# Folders that git does not keep.
IGNORED = {
    ".git", ".venv", "venv", "_build", "build", "dist", "wheels", "demo-report", "my-study",
    "__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".schemathesis",
    ".idea", ".vscode",
}  # fmt: skip
TEXT = {
    "", ".cff", ".css", ".csv", ".html", ".j2", ".js", ".json", ".lock", ".md", ".py", ".R", ".rst",
    ".service", ".sh", ".svg", ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip

# Written in pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/-])/" + r"(?:home|root|Users|work|tmp|mnt|opt)/[\w.-]+" + r"|[A-Z]:\\+Users\\+\w+"
)
MAIL = re.compile(r"\b[\w.+-]+" + r"@(?:[\w-]+\.)+(?:com|org|net|edu|cn|de|uk|io)\b")
SEED_NUMBER = re.compile(r"\bseed" + r"s?[ /]0\d\d", re.IGNORECASE)


@cache
def texts() -> dict[str, str]:
    """The text of every file that git may keep."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in TEXT
        and not IGNORED.intersection(path.relative_to(ROOT).parts)
        and not path.name.startswith(".coverage")
        and path.is_file()
    }


@pytest.mark.parametrize("pattern", [MACHINE_PATH, MAIL, SEED_NUMBER], ids=["path", "mail", "seed"])
def test_the_files_name_no_machine_and_no_private_thing(pattern: re.Pattern[str]) -> None:
    found = []
    for name, text in texts().items():
        if pattern.search(text):
            for number, line in enumerate(text.splitlines(), start=1):
                if pattern.search(line):
                    found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_patterns_see_what_they_are_for() -> None:
    assert MACHINE_PATH.search("written to /" + "home/lin/data.csv")
    assert MACHINE_PATH.search("C:" + "\\Users\\lin")
    assert not MACHINE_PATH.search("see https://docs.astral.sh/" + "work/of others, ./opt/x")
    assert MAIL.search("lin" + "@hospital.org")
    assert SEED_NUMBER.search("seeds/" + "003")
