"""Figures show the numbers of their results, the same bytes each time, and change no setting."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from PIL import Image
from tests.report.drawn_texts import (
    figure_of,
    keeps_apart_and_inside,
    seen,
    skip_without_chinese_font,
)
from tests.report.figure_examples import (
    FIGURES,
    draw,
    regression,
)

from vertebrisk._types import Language
from vertebrisk.report.figures import (
    WORDS,
    data_label,
    inline_svg,
    missing_glyphs,
    plot_forest,
    plot_selection,
    render,
)
from vertebrisk.report.figures.output import Format


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_says_where_the_data_come_from_and_keeps_texts_apart_and_inside(
    name: str, language: Language
) -> None:
    ax = draw(name, language)
    texts = seen(ax)
    assert data_label("reconstructed", WORDS[language]) in [text.get_text() for text in texts]
    skip_without_chinese_font(text.get_text() for text in texts)
    keeps_apart_and_inside(ax)
    assert min(float(text.get_fontsize()) for text in texts) >= 6.5


def test_real_patients_need_no_label() -> None:
    assert data_label("real") == ""
    assert data_label("simulated", WORDS["zh"]) == "模拟数据"


def test_both_languages_have_the_same_words_and_blanks() -> None:
    english, chinese = WORDS["en"], WORDS["zh"]
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[key])), key


@pytest.mark.parametrize("name", FIGURES)
def test_changes_no_setting(name: str) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    render(figure_of(draw(name)), "svg")
    assert dict(mpl.rcParams) == before


def test_looks_the_same_whatever_the_settings_of_the_caller() -> None:
    import matplotlib as mpl

    plain = render(figure_of(draw("roc")), "svg")
    with mpl.rc_context({"axes.grid": True, "font.size": 20.0, "lines.linewidth": 9.0}):
        assert render(figure_of(draw("roc")), "svg") == plain


@pytest.mark.parametrize("format", ["svg", "pdf", "png", "tiff"])
def test_same_figure_same_bytes(format: Format) -> None:
    first = render(figure_of(draw("decision")), format)
    assert render(figure_of(draw("decision")), format) == first
    magic = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG", "tiff": b"II*\x00"}[format]
    assert first.startswith(magic)


def test_tiff_is_rgb_lzw_at_600_dpi() -> None:
    with Image.open(io.BytesIO(render(figure_of(draw("roc")), "tiff"))) as image:
        assert image.mode == "RGB"
        assert image.info["compression"] == "tiff_lzw"
        assert image.info["dpi"] == (600, 600)
        # 85 mm at 600 dpi; a pixel either way is rounding.
        assert abs(image.width - 85 / 25.4 * 600) <= 1


def test_inline_figures_share_no_identifier_and_refer_to_their_own() -> None:
    page = "".join(
        inline_svg(render(figure_of(draw(name)), "svg"), f"fig-{name}", f"<{name}>", "a & b")
        for name in FIGURES
    )
    root = ET.fromstring(f"<body>{page}</body>")
    identifiers = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(identifiers) == len(set(identifiers))
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', page)
    assert used
    assert set(used) <= set(identifiers)
    assert [svg.attrib["role"] for svg in root] == ["img"] * len(FIGURES)
    assert root[0][0].text == "<flow>"
    assert len(page) < 300_000 * len(FIGURES)


def test_missing_glyphs_are_found() -> None:
    assert missing_glyphs(["Age, years \u2265 70", "risk\n"]) == set()
    assert missing_glyphs(["a\U0010fffd"]) == {"\U0010fffd"}


def test_svg_keeps_text_that_no_font_can_draw() -> None:
    ax = plot_selection(pl.DataFrame({"predictor": ["a\U0010fffd"], "frequency": [0.5]}))
    content = render(figure_of(ax), "svg").decode()
    assert "a\U0010fffd" in content
    assert "Verdana" in content


def test_dollars_are_letters() -> None:
    ax = plot_selection(pl.DataFrame({"predictor": ["cost $x_1$"], "frequency": [0.5]}))
    render(figure_of(ax), "png")
    assert "cost $x_1$" in [text.get_text() for text in seen(ax)]


def test_an_svg_file_says_what_kind_of_data_it_shows() -> None:
    labelled = render(figure_of(plot_forest(regression(), label="Reconstructed data")), "svg")
    assert b"<title>Reconstructed data</title>" in labelled
    assert b"<title>" not in render(figure_of(plot_forest(regression())), "svg")
