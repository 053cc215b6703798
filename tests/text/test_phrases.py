"""Labels in running text."""

import pytest

from vertebrisk.text.phrases import in_sentence


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Residual back pain", "residual back pain"),
        ("VAS of 4 or more", "VAS of 4 or more"),
        ("T score", "T score"),
        ("Kümmell disease", "Kümmell disease"),
        ("残留腰背痛", "残留腰背痛"),
        ("", ""),
    ],
)
def test_only_ordinary_words_lose_their_capital(label: str, told: str) -> None:
    assert in_sentence(label) == told
