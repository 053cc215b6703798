"""Figures for print: sizes to the pixel, fonts inside, the same bytes, and no box for a letter."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
from matplotlib import font_manager
from PIL import Image
from tests.report.drawn_texts import skip_without_chinese_font
from tests.report.figure_examples import (
    calibration,
    decision,
    flow,
    regression,
    roc,
    selected,
    thresholds,
    validation,
)

from vertebrisk.errors import ArgumentError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report import figures
from vertebrisk.report.drawn import Drawing, draw_all, whole_figure
from vertebrisk.report.figures import WORDS, lettering, missing_glyphs, render
from vertebrisk.report.figures.fitting import unreadable
from vertebrisk.report.figures.lettering import plain
from vertebrisk.report.figures.style import PALETTE
from vertebrisk.report.figures.time_axis import LINES

LABEL = "Reconstructed data"


def drawings(language: str = "en") -> dict[str, Drawing]:
    shared: dict[str, Any] = {"label": LABEL, "words": WORDS["zh" if language == "zh" else "en"]}
    return {
        "flow": partial(figures.plot_flow, flow(), "Pain", "No pain", **shared),
        "roc": partial(figures.plot_roc, roc(), thresholds(), validation(), **shared),
        "calibration": partial(figures.plot_calibration, calibration(), validation(), **shared),
        "decision": partial(figures.plot_decision_curve, decision(), [0.1], **shared),
        "forest": partial(figures.plot_forest, regression(), **shared),
        "selection": partial(figures.plot_selection, selected(), ["ivc"], **shared),
    }


def forest(*labels: str) -> Drawing:
    rows = [
        RegressionRow("estimate", f"v{k}", label, "", "", ratio=1.6, conf_low=1.1, conf_high=2.4)
        for k, label in enumerate(labels)
    ]
    return partial(figures.plot_forest, rows)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_comes_at_both_widths_to_the_pixel(language: str) -> None:
    if language == "zh":
        skip_without_chinese_font()
    few = {key: each for key, each in drawings(language).items() if key in ("flow", "calibration")}
    found = draw_all(few, ("png", "tiff", "pdf"))
    assert found.findings == ()
    assert set(found.page) == set(few)
    for name in few:
        assert found.files[f"{name}.svg"].decode() == found.page[name]
        for width in (85, 174):
            for suffix, dpi in (("png", 300), ("tiff", 600)):
                with Image.open(io.BytesIO(found.files[f"{width}mm/{name}.{suffix}"])) as image:
                    assert image.width == round(width / 25.4 * dpi)
                    assert [round(each) for each in image.info["dpi"]] == [dpi, dpi]
            box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", found.files[f"{width}mm/{name}.pdf"])
            assert box is not None
            assert float(box[1]) == pytest.approx(width / 25.4 * 72, abs=1e-4)  # as it is printed


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", list(drawings()))
@pytest.mark.parametrize("width", [85.0, 174.0])
def test_texts_keep_their_size_and_stay_apart(language: str, name: str, width: float) -> None:
    from matplotlib.text import Text

    if language == "zh":
        skip_without_chinese_font()
    figure = whole_figure(drawings(language)[name](width_mm=width))
    assert unreadable(figure) == ()
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if isinstance(text, Text)]
    assert min(float(size) for size in sizes) >= 6.5


def test_a_figure_that_cannot_be_read_at_one_column_is_told_of() -> None:
    many = forest(*(f"Predictor with a longer name, number {k}" for k in range(40)))
    found = draw_all({"forest": many}, ("pdf",))
    assert set(found.files) == {"forest.svg", "174mm/forest.pdf"}
    (finding,) = found.findings
    assert finding.code == "narrow-figure"
    assert "forest" in finding.message
    taller = draw_all({"forest": forest(*("word " * 60 for _ in range(16)))}, ("pdf",), (174.0,))
    assert [each.code for each in taller.findings] == ["tall-figure"]


def test_svg_alone_has_no_copies_for_print() -> None:
    assert set(draw_all(drawings()).files) == {f"{name}.svg" for name in drawings()}


def pdf_objects(content: bytes) -> list[bytes]:
    """Dictionaries of a PDF's objects, without their streams."""
    found = re.findall(rb"\d+ 0 obj\n(.*?)\nendobj", content, re.DOTALL)
    return [each.split(b"stream")[0] for each in found]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_fonts_are_inside_the_pdf(language: str) -> None:
    if language == "zh":
        skip_without_chinese_font()
    content = render(whole_figure(drawings(language)["flow"]()), "pdf")
    parts = [part for part in pdf_objects(content) if b"/Type /Font" in part]
    descriptors = [part for part in parts if b"/Type /FontDescriptor" in part]
    kinds = {kind for part in parts for kind in re.findall(rb"/Subtype /(\w+)", part)}
    assert descriptors
    assert kinds <= {b"Type3", b"Type0", b"CIDFontType2", b"TrueType"}
    for each in descriptors:  # outlines of type 3 are procedures in the file itself
        assert b"/FontFile2" in each or b"Type3" in kinds


@pytest.mark.slow
def test_same_bytes_from_process_to_process() -> None:
    script = (
        "import hashlib\n"
        "from tests.report.test_drawn import drawings\n"
        "from vertebrisk.report.drawn import draw_all\n"
        "few = {key: each for key, each in drawings().items() if key == 'roc'}\n"
        "found = draw_all(few, ('svg', 'pdf', 'png', 'tiff'), (85.0,))\n"
        "print({name: hashlib.sha256(each).hexdigest() for name, each in found.files.items()})\n"
    )
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root / "src"), str(root)])
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert "85mm/roc.tiff" in told.pop()


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with the fonts alone that matplotlib brings."""
    caches: list[Any] = [lettering.font_families, lettering._fonts, lettering._drawable]
    caches += [lettering._properties, lettering.text_width]
    own = [each for each in font_manager.fontManager.ttflist if each.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    for each in caches:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


def test_without_a_chinese_font_svg_comes_out_and_the_rest_is_told_of(
    no_chinese_font: None,
) -> None:
    found = draw_all({"roc": drawings("zh")["roc"]}, ("pdf", "png", "tiff", "svg"), pictures=True)
    assert set(found.files) == {"roc.svg", "85mm/roc.svg", "174mm/roc.svg"}
    assert found.pictures == {}
    assert "灵敏度" in found.page["roc"]
    assert "Noto Sans CJK SC" in found.page["roc"]
    (finding,) = found.findings
    assert finding.code == "missing-font"
    for package in ("fonts-noto-cjk", "google-noto-sans-cjk-fonts", "macOS", "Windows"):
        assert package in finding.remedy
    with pytest.raises(ArgumentError, match="as SVG alone"):
        render(whole_figure(drawings("zh")["roc"]()), "png")


def test_letters_that_no_font_draws_take_their_room(no_chinese_font: None) -> None:
    assert lettering.text_width("中文", 7.0) == pytest.approx(14.0)
    assert len(lettering.wrap("中" * 30, 70.0, 7.0)) == 3


def test_letters_from_right_to_left_are_left_to_browsers() -> None:
    arabic, hebrew = "درد پس از عمل", "כאב גב"
    draw = forest(f"{arabic}: 3 (12)", f"VAS {hebrew} 4", "Age, years")
    found = draw_all({"forest": draw}, ("png",), pictures=True)
    assert set(found.files) == {"forest.svg"}
    assert found.pictures == {}
    assert [each.code for each in found.findings] == ["missing-font"]
    assert found.told("zh")[0].message.startswith("本机没有")
    assert found.told("en")[0].message == found.findings[0].message
    assert missing_glyphs([arabic, hebrew, "दर्द"]) >= set("دבद")
    svg = found.page["forest"]
    for name in (arabic, hebrew):  # alone in a run of its own, so that no number changes places
        assert f'<tspan unicode-bidi="isolate">{name}</tspan>' in svg
    ET.fromstring(svg)


NASTY = (
    "50% of $x_1^2$ and $y$",
    "<b>bold</b> & </text><script>alert(1)</script>",
    "tab\there, bell\x07, escape\x1b[0m, override \u202egnp\u202c, zero\u200bwidth",
    "two\nlines\r\nand\u2028more",
    'only = 5, url(#clip), id="x", javascript: y',
    "word " * 60,
    "W" * 300,
    "{braces} {0} %s %(x)s \\alpha",
)


@pytest.mark.parametrize("width", [85.0, pytest.param(174.0, marks=pytest.mark.slow)])
@pytest.mark.parametrize("label", NASTY)
def test_no_label_spoils_a_figure(label: str, width: float) -> None:
    nasty: dict[str, Drawing] = {
        "forest": partial(forest(label, "Age"), label=LABEL),
        "selection": partial(
            figures.plot_selection,
            pl.DataFrame({"predictor": ["a", "b"], "frequency": [0.5, 0.2]}),
            labels={"a": label, "b": "Age"},
        ),
        "flow": partial(figures.plot_flow, flow(), label, label),
        "effect": partial(
            figures.plot_effect,
            pl.DataFrame(
                {
                    "value": [1.0, 2.0, 1.0, 2.0],
                    "risk": [0.1, 0.2, 0.2, 0.4],
                    "conf_low": [0.05, 0.1, 0.1, 0.2],
                    "conf_high": [0.2, 0.3, 0.3, 0.5],
                    "by": [label, label, "b", "b"],
                }
            ),
            label,
            label,
        ),
    }
    for name, draw in nasty.items():
        figure = whole_figure(draw(width_mm=width))
        svg = render(figure, "svg")
        ET.fromstring(svg)
        assert unreadable(figure) == (), name
        assert not re.search(rb"<script|\x07|\x1b", svg), name


def test_control_characters_become_spaces() -> None:
    assert plain("a\x07b\u202ec\ud800\u200b") == "a bc\ufffd"


def _linear(colour: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.array([int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])
    return np.asarray(
        np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    )


# Viénot, Brettel and Mollon 1999, doi:10.1002/(SICI)1520-6378(199908)24:4<243::AID-COL5>3.0.CO;2-3,
# on linear RGB: red and green are seen as one mixture of the two.
BLINDNESS = {
    "protanopia": [[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.004, -0.004, 1.0]],
    "deuteranopia": [[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]],
}


@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_two_main_colours_stay_apart_for_the_colour_blind(kind: str) -> None:
    seen = [np.array(BLINDNESS[kind]) @ _linear(PALETTE[name]) for name in ("model", "corrected")]
    assert np.abs(seen[0] - seen[1]).max() > 0.2  # of full light, in one channel


def test_groups_differ_in_dashes_as_well_and_inks_in_grey() -> None:
    assert len({str(dashes) for _, dashes in LINES}) == len(LINES)
    grey = {name: _linear(PALETTE[name]) @ [0.2126, 0.7152, 0.0722] for name in PALETTE}
    for dark, light in (("ink", "bars"), ("model", "band"), ("corrected", "faint")):
        assert (grey[light] + 0.05) / (grey[dark] + 0.05) > 2.5, (dark, light)
