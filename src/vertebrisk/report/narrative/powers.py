"""Sentences about powers that the data chose."""

from __future__ import annotations

from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.tables.powers import powers_text


def shapes_found(told: Narration) -> list[str]:
    """Which powers the data chose, and what that does to the tests."""
    shapes, words = told.result.shapes, told.words
    if shapes is None or "powers" not in told.tables:
        return []
    parts = []
    for each in shapes.powers:
        shape = powers_text(each.powers, words)
        if each.powers and each.powers != (1.0,):
            shape = words("powers.told_powers", powers=shape)
        parts.append(words("powers.told_one", label=each.label, shape=shape))
    sentences = [
        words(
            "powers.told",
            variables=words.listed([each.label for each in shapes.powers]),
            table=told.table("powers"),
            shapes="; ".join(parts),
        ),
        words("powers.caveat"),
    ]
    return [words.joined(sentences)]


def shapes_found_again(told: Narration) -> list[str]:
    """How often the resamples found the model's powers."""
    shapes = told.result.shapes
    if shapes is None or "powers_repeated" not in told.tables:
        return []
    return [
        told.words(
            "powers.repeated",
            label=each.label,
            share=told.numbers.risk(line.share, 1),
            table=told.table("powers_repeated"),
        )
        for each in shapes.powers
        for line in each.repeated
        if line.final
    ]
