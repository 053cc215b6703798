"""Directions of letters: what runs from right to left, and what turns the words after it."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from vertebrisk.text.letters import RIGHT_TO_LEFT, unturned

INSIDE = re.compile(f"[{RIGHT_TO_LEFT}]")


@pytest.mark.parametrize("letter", ["א", "ا", "ﬢ", "ﷲ", "ﻼ", "\U00010840", "\U0001e922"])
def test_hebrew_arabic_and_their_kin_run_from_right_to_left(letter: str) -> None:
    assert INSIDE.match(letter)


@pytest.mark.parametrize("letter", ["a", "ж", "骨", "द", "5", "\ufdd0", "\ufeff", "\U0001f600"])
def test_other_letters_and_signs_do_not(letter: str) -> None:
    assert not INSIDE.match(letter)


def test_what_turns_the_words_after_it_is_left_out() -> None:
    turning = [chr(each) for each in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    assert unturned(f"a{''.join(turning)}b") == "ab"
    assert unturned("a\u200eb\u200fc\u200dd") == "a\u200eb\u200fc\u200dd"


def test_markup_stays_markup() -> None:
    assert isinstance(unturned(Markup("<b>\u202e</b>")), Markup)
