"""The document of Word as LibreOffice shows it: every table whole, no page cut, none empty."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from tests.report.drawn_texts import NO_CHINESE_FONT
from tests.report.example import example_result
from tests.report.test_word import in_language, made, png
from tests.report.word_package import problems

from vertebrisk.report.page.building import numbered
from vertebrisk.report.page.content import Figure, Page, Paragraph, Section, Tables
from vertebrisk.report.page.references import marked
from vertebrisk.report.tables.table import (
    EMPTY,
    Column,
    Row,
    Spanner,
    TableSpec,
    cell_text,
    number,
    text,
)
from vertebrisk.report.word.document import word_document
from vertebrisk.report.words import Words

TOOLS = ("soffice", "pdftotext", "pdftoppm", "pdfinfo")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING),
        reason=f"not installed: {', '.join(MISSING)}; documents of Word are not rendered",
    ),
]

POINTS_PER_MM = 72 / 25.4
LONG = (
    "A label as long as a codebook can make it, with the side, the position of the patient, the "
    "apparatus and its software, the reader and what the reader knew of the outcome, "
)
STRANGE = "50 % of <b>$\\alpha$</b> & \\textbf{x}_{1} ~ #1"
LEVELS = 25


def rows_of_levels() -> tuple[Row, ...]:
    """A variable of many levels under its heading, again and again: 208 rows."""
    rows = []
    for block in range(8):
        rows.append(Row((text(f"Variable {block} of many levels"), *[EMPTY] * 4), "heading"))
        for level in range(LEVELS):
            cells = (
                text(f"Level {block}-{level}"),
                number("count_percent", 10 * level + block, 3.5 * level),
                number("mean_sd", 20.5 + level, 3.25, decimals=2),
                number("ratio_interval", 1.5 + level, 1.01 + level, 2.75 + level, decimals=2),
                number("p_value", 0.0004 * (level + 1)),
            )
            rows.append(Row(cells, indent=1))
    return tuple(rows)


def columns(*labels: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"c{place}", label, "end" if place else "start")
        for place, label in enumerate(labels)
    )


def long_table() -> TableSpec:
    heads = columns("Variable", "All (n = 2,680)", "Mean ± SD", "OR (95 % CI)", "P")
    return TableSpec(
        "long", "Many rows", heads, rows_of_levels(), (Spanner("Groups", 1, 3),), ("A note.",)
    )


def strange_table() -> TableSpec:
    labels = (LONG * 2, STRANGE, "椎体后凸Cobb角" * 20, "x" * 120)
    rows = tuple(
        Row((text(label), number("integer", place), number("risk", 0.125)))
        for place, label in enumerate(labels)
    )
    return TableSpec("strange", STRANGE, columns("Variable", STRANGE, "Risk"), rows)


def wide_table() -> TableSpec:
    heads = columns("Measure", *[f"Centre {place}" for place in range(1, 10)])
    cell = number("estimate_interval", 0.785, 0.701, 0.861)
    rows = tuple(Row((text(f"Measure {place}"), *[cell] * 9)) for place in range(6))
    return TableSpec("wide", "Many columns", heads, rows)


def widest_table() -> TableSpec:
    heads = columns("V", *[f"{place}" for place in range(1, 40)])
    rows = (Row((text("A"), *[number("estimate", 0.5 + k, decimals=1) for k in range(39)])),)
    return TableSpec("widest", "More columns than any page has room for", heads, rows)


def hard_page() -> Page:
    words = Words("en")
    tables = [strange_table(), long_table(), wide_table(), widest_table()]
    sections = [
        Section(
            table.key,
            table.caption,
            (Paragraph(f"See Table {marked(place)}."), Tables((table,))),
        )
        for place, table in enumerate(tables, start=1)
    ]
    figures = Section("figures", "Figures", (Figure("broad", LONG), Figure("high", "High")))
    return numbered(
        Page(words, "0", "Made for a test", LONG, (), ((STRANGE, LONG),), (*sections, figures))
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as a PDF: the page it was made of, and where the PDF lies."""

    page: Page
    pdf: Path

    def run(self, tool: str, *arguments: str) -> str:
        command = [tool, *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=300)
        return done.stdout.decode("utf-8")

    @property
    def words(self) -> str:
        """All text in the order in which it is drawn, without spaces."""
        return squeezed(self.run("pdftotext", "-raw", str(self.pdf), "-"))

    @property
    def boxes(self) -> list[tuple[tuple[float, float], list[tuple[float, float, float, float]]]]:
        """Size of every page, and the box of every word on it."""
        found = self.run("pdftotext", "-bbox", str(self.pdf), "-")
        pages = []
        for page in found.split("<page ")[1:]:
            size = re.match(r'width="([\d.]+)" height="([\d.]+)"', page)
            assert size is not None
            words = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)"', page)
            pages.append(
                (
                    (float(size[1]), float(size[2])),
                    [(float(a), float(b), float(c), float(d)) for a, b, c, d in words],
                )
            )
        return pages


def squeezed(value: str) -> str:
    """A text without spaces, soft breaks and the breaks of pages."""
    return re.sub(r"[\s\u00a0\u00ad\u200b\u2009\u202f\x0c]+", "", value)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Rendered]:
    folder = tmp_path_factory.mktemp("word")
    pages: dict[str, tuple[Page, bytes]] = {
        "en": made(example_result()),
        "zh": made(in_language("zh")),
        "hard": (
            hard_page(),
            word_document(hard_page(), {"broad": png(4000, 300), "high": png(300, 5000)}),
        ),
    }
    for name, (_, content) in pages.items():
        assert problems(content) == []
        (folder / f"{name}.docx").write_bytes(content)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            *(str(folder / f"{name}.docx") for name in pages),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return {name: Rendered(page, folder / f"{name}.pdf") for name, (page, _) in pages.items()}


@pytest.mark.parametrize(("name", "least", "most"), [("en", 9, 22), ("zh", 9, 22), ("hard", 7, 12)])
def test_as_many_pages_as_there_should_be(
    rendered: Mapping[str, Rendered], name: str, least: int, most: int
) -> None:
    found = rendered[name]
    count = re.search(r"Pages:\s+(\d+)", found.run("pdfinfo", str(found.pdf)))
    assert count is not None
    assert least <= int(count[1]) <= most
    assert all(words for _, words in found.boxes), "an empty page"


@pytest.mark.parametrize("name", ["en", "zh", "hard"])
def test_every_cell_is_read(rendered: Mapping[str, Rendered], name: str) -> None:
    found = rendered[name]
    drawn = found.words
    numbers = found.page.words.numbers
    for table in found.page.tables():
        shown = [table.caption, *table.footnotes, *(column.label for column in table.columns)]
        shown += [spanner.label for spanner in table.spanners]
        shown += [cell_text(cell, numbers) for row in table.rows for cell in row.cells]
        missing = [each for each in shown if squeezed(each) not in drawn]
        assert missing == [], table.key


@pytest.mark.parametrize("name", ["en", "zh", "hard"])
def test_every_heading_caption_and_reference_is_read(
    rendered: Mapping[str, Rendered], name: str
) -> None:
    found = rendered[name]
    drawn, words = found.words, found.page.words
    for section in found.page.sections:
        assert squeezed(section.heading) in drawn
    for figure in found.page.figures():
        caption = f"{words('figure')} {figure.number}. {figure.caption}"
        assert squeezed(caption) in drawn
    assert "notfound" not in drawn  # what LibreOffice shows of a reference to nothing


@pytest.mark.parametrize("name", ["en", "zh", "hard"])
def test_no_word_is_cut(rendered: Mapping[str, Rendered], name: str) -> None:
    margin = 16 * POINTS_PER_MM  # 18 mm, less what a letter may lean out
    hanging = 3 * POINTS_PER_MM  # a Chinese full stop may stand in the margin
    for (width, height), words in rendered[name].boxes:
        for left, top, right, bottom in words:
            assert left >= margin
            assert right <= width - margin + hanging
            assert top >= 7 * POINTS_PER_MM
            assert bottom <= height - 7 * POINTS_PER_MM


@pytest.mark.parametrize("name", ["en", "zh", "hard"])
def test_nothing_is_drawn_in_the_margins(rendered: Mapping[str, Rendered], name: str) -> None:
    found = rendered[name]
    found.run("pdftoppm", "-r", "25.4", "-gray", str(found.pdf), str(found.pdf.with_suffix("")))
    pictures = sorted(found.pdf.parent.glob(f"{name}-*.pgm"))
    assert len(pictures) == len(found.boxes)
    for path in pictures:
        with Image.open(path) as image:
            width, height = image.size  # a pixel is a millimetre
            for strip in ((0, 0, 15, height), (width - 15, 0, width, height)):
                assert min(image.crop(strip).tobytes()) > 200, path.name


def test_wide_tables_lie_across_and_heads_repeat(rendered: Mapping[str, Rendered]) -> None:
    found = rendered["hard"]
    across = [width > height for (width, height), _ in found.boxes]
    assert any(across)
    assert not across[0]
    assert not across[-1]
    assert found.words.count("All(n=2,680)") >= 4
    # The two wide tables follow each other with their headings, on pages that lie across.
    turns = [place for place in range(1, len(across)) if across[place] != across[place - 1]]
    assert len(turns) == 2


def test_chinese_letters_have_a_font(rendered: Mapping[str, Rendered]) -> None:
    found = rendered["zh"]
    fonts = found.run("pdffonts", str(found.pdf))
    if "CJK" not in fonts and "Sim" not in fonts:
        pytest.skip(NO_CHINESE_FONT)
    assert "no" not in {line.split()[-5] for line in fonts.splitlines()[2:]}, "not embedded"
