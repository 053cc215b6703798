"""The documentation is true: its examples run, its links lead somewhere, its pages are complete.

Blocks fenced as ``python`` run in order in one namespace a page; lines ``$ vertebrisk ...`` of
blocks fenced as ``console`` run as commands, and any other command there is an error (what a
reader types but the tests must not run is fenced as ``sh``). All run in a folder of the page's
own, which holds `patients.csv`, `patients.sav` and `vertebrae.csv`: simulated patients. A
comment right above a block says what else is known of it:

``<!-- file: my-study/protocol.toml -->``   the block is written to that file
``<!-- exit: 1 -->``                        the commands of the block end with that status
``<!-- not run: reason -->``                the block is shown only
"""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]
)
PAGES = [page for page in PAGES if "_build" not in page.parts]
RUN_LANGUAGES = {"python", "console", "toml"}
LANGUAGES = RUN_LANGUAGES | {"sh", "powershell", "text", "json", "r", "{eval-rst}", "{toctree}"}


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it begins, what it is, and what the comment above it says."""

    page: Path
    line: int
    language: str
    text: str
    note: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    def noted(self, key: str) -> str | None:
        match = re.fullmatch(rf"<!--\s*{key}:\s*(.+?)\s*-->", self.note)
        return None if match is None else match[1]


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> Iterator[Block]:
    lines = page.read_text(encoding="utf-8").splitlines()
    opened: tuple[int, str, str] | None = None
    above, body = "", list[str]()
    for number, line in enumerate(lines, start=1):
        if opened is None and line.startswith("```"):
            opened, body = (number, line[3:].strip(), above), []
        elif opened is not None and line.rstrip() == "```":
            start, language, note = opened
            yield Block(page, start, language.split(" ")[0], "\n".join(body) + "\n", note)
            opened, above = None, ""
        elif opened is not None:
            body.append(line)
        elif line.strip():
            above = line.strip()
    assert opened is None, f"{page}: the block of line {opened} is never closed"


def simulated_patients(n: int = 300) -> pd.DataFrame:
    """Invented patients: three factors raise the risk of residual pain, two do nothing."""
    random = np.random.default_rng(7)
    ivc = random.random(n) < 0.35
    oedema = random.random(n) < 0.40
    fat = random.choice(3, size=n, p=[0.4, 0.35, 0.25])
    blocky = random.random(n) < 0.45
    eta = -2.6 + 0.9 * ivc + 0.8 * oedema + 0.7 * fat + 0.3 * blocky
    pain = random.random(n) < 1 / (1 + np.exp(-eta))
    vas = np.where(pain, random.integers(4, 8, n), random.integers(0, 4, n))
    return pd.DataFrame(
        {
            "patient_id": np.arange(1, n + 1),
            "age": np.round(random.normal(72, 8, n)).clip(50, 95),
            "sex": np.where(random.random(n) < 0.8, "Female", "Male"),
            "bmi": np.round(random.normal(23, 3, n), 1),
            "t_score": np.round(random.normal(-3.2, 0.5, n), 1).clip(-5, -1.5),
            "ivc": np.where(ivc, "Yes", "No"),
            "fascia_oedema": np.where(oedema, "Yes", "No"),
            "goutallier": np.array(["0-1", "2", "3-4"])[fat],
            "cement": np.where(blocky, "Blocky", "Spongy"),
            "vas_1m": vas,
            "residual_pain": (vas >= 4).astype(int),
        }
    )


LABELS = {
    "sex": ["Female", "Male"],
    "ivc": ["No", "Yes"],
    "fascia_oedema": ["No", "Yes"],
    "goutallier": ["0-1", "2", "3-4"],
    "cement": ["Spongy", "Blocky"],
}


@pytest.fixture(scope="session")
def patient_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Content of the files that the pages speak of."""
    import pyreadstat

    folder = tmp_path_factory.mktemp("patients")
    patients = simulated_patients()
    patients.to_csv(folder / "patients.csv", index=False, lineterminator="\n")
    patients.head(40).drop(columns=["vas_1m", "residual_pain"]).to_csv(
        folder / "new_patients.csv", index=False, lineterminator="\n"
    )
    levels = patients.assign(patient_id=np.repeat(np.arange(1, 151), 2))
    levels.to_csv(folder / "vertebrae.csv", index=False, lineterminator="\n")
    coded = patients.copy()
    for name, labels in LABELS.items():
        coded[name] = [float(labels.index(value)) for value in patients[name]]
    pyreadstat.write_sav(
        coded,
        str(folder / "patients.sav"),
        variable_value_labels={
            name: {float(code): label for code, label in enumerate(labels)}
            for name, labels in LABELS.items()
        },
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def run_python(block: Block, namespace: dict[str, object]) -> None:
    # Padding puts the page's line numbers into a traceback.
    program = compile("\n" * block.line + block.text, block.place, "exec")
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", category=namespace["VertebriskWarning"])  # type: ignore[arg-type]
        exec(program, namespace)


def commands_of(block: Block) -> list[list[str]]:
    text = re.sub(r"\\\n\s*>?\s*", " ", block.text)
    return [shlex.split(line[2:]) for line in text.splitlines() if line.startswith("$ ")]


def status_of(arguments: list[str]) -> int:
    """How a command ends."""
    from vertebrisk.cli import main

    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def run_console(block: Block) -> None:
    """Run the commands where we are; each is begun in this process, which has loaded all of it."""
    expected = int(block.noted("exit") or 0)
    for command in commands_of(block):
        assert command[0] == "vertebrisk", f"{block.place}: fence '{command[0]}' as sh, not console"
        told = io.StringIO()
        with warnings.catch_warnings(), redirect_stdout(told), redirect_stderr(told):
            warnings.simplefilter("default")
            status = status_of(command[1:])
        assert status == expected, f"{block.place}: {shlex.join(command)}\n{told.getvalue()}"


def pages_with_examples() -> list[Path]:
    return [
        page for page in PAGES if any(block.language in RUN_LANGUAGES for block in blocks_of(page))
    ]


SLOW_PAGES = ("compare-runs.md", "replicate.md")  # they run one study after the other


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow if page.name in SLOW_PAGES else ())
        for page in pages_with_examples()
    ],
    ids=page_id,
)
def test_the_examples_run(
    page: Path, patient_files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vertebrisk.errors import VertebriskWarning

    monkeypatch.chdir(tmp_path)
    for name, content in patient_files.items():
        (tmp_path / name).write_bytes(content)
    namespace: dict[str, object] = {"__name__": "example", "VertebriskWarning": VertebriskWarning}
    for block in blocks_of(page):
        if block.noted("not run"):
            continue
        target = block.noted("file")
        if target is not None:
            path = tmp_path / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            run_python(block, namespace)
        elif block.language == "console":
            run_console(block)


def protocol_blocks() -> list[Block]:
    return [
        block
        for page in PAGES
        for block in blocks_of(page)
        if block.language == "toml" and not block.noted("not run")
    ]


@pytest.mark.parametrize("block", protocol_blocks(), ids=lambda block: block.place)
def test_a_protocol_in_the_text_can_be_understood(block: Block, tmp_path: Path) -> None:
    from vertebrisk.protocol import load_protocol

    path = tmp_path / "protocol.toml"
    path.write_text(block.text, encoding="utf-8")
    assert load_protocol(path).outcome.time_point


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks_of(page)} <= LANGUAGES


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_targets_in_the_text_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:^\$ |^|`)make ([a-z-]+)(?=[`\s]|$)", text, flags=re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_and_pictures_lead_to_a_file(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    broken = [
        target
        for target in targets
        if not re.match(r"https?://|#", target)
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert broken == []


def test_the_api_page_names_everything_that_is_public() -> None:
    import vertebrisk

    text = (DOCS / "api.md").read_text(encoding="utf-8")
    described = set(
        re.findall(r"^\.\. auto\w+:: vertebrisk\.(?:errors\.)?(\w+)$", text, flags=re.MULTILINE)
    )
    assert {name for name in vertebrisk.__all__ if not name.startswith("__")} <= described


def test_the_runner_sees_a_wrong_example() -> None:
    block = Block(ROOT / "README.md", 1, "python", "assert 1 == 2\n", "")
    with pytest.raises(AssertionError, match=r"^$"):
        run_python(block, {"VertebriskWarning": UserWarning})
    strange = Block(ROOT / "README.md", 1, "console", "$ rm -r x\n", "")
    with pytest.raises(AssertionError, match="as sh, not console"):
        run_console(strange)


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_needs_no_network(tmp_path: Path) -> None:
    out = tmp_path / "site"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"),
            *("-d", str(tmp_path / "doctrees"), str(DOCS), str(out)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = re.compile(
        r"<(?:script|img|iframe|source)[^>]+src=[\"'](?:https?:)?//[^\"']+"
        r"|<link[^>]+rel=[\"'](?:stylesheet|preload|icon|preconnect)[\"'][^>]+href=[\"'](?:https?:)?//[^\"']+"
        r"|@import\s+(?:url\()?[\"']?(?:https?:)?//|url\([\"']?(?:https?:)?//"
    )
    found = [
        f"{path.relative_to(out)}: {match[0]}"
        for path in out.rglob("*")
        if path.suffix in {".html", ".css"}
        for match in loaded.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
