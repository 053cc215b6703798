"""That a model was updated, said in one sentence, in English and Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vertebrisk._types import Language

_METHODS: dict[str, tuple[str, str]] = {
    "in-the-large": ("its intercept moved", "调整截距"),
    "baseline": ("its baseline hazard estimated anew", "重新估计基线风险"),
    "recalibration": ("recalibrated", "再校准"),
    "extension": ("recalibrated and extended by {terms}", "再校准并加入{terms}"),
    "revision": ("revised, every coefficient estimated anew", "重新估计全部系数"),
    "revised-extension": (
        "revised and extended by {terms}, every coefficient estimated anew",
        "重新估计全部系数并加入{terms}",
    ),
}
_SHRUNK = (", drawn towards the recalibrated model", "，向再校准模型收缩")
_ON = (" in {when}", "，{when}")
FEWEST = 5  # a smaller count is not told
_FEW = (f"fewer than {FEWEST}", f"不足{FEWEST}")
_WHOLE = (
    "Updated from {model} (version {version}): {how}{on}, on {n} patients, {events} with the "
    "event.",
    "由{model}（版本{version}）更新：{how}{on}，{n}例患者，其中{events}例发生事件。",
)


class Step(Protocol):
    """One step of a model's lineage."""

    @property
    def model(self) -> str:
        """The model before."""
        ...

    @property
    def version(self) -> str:
        """Its version."""
        ...

    @property
    def method(self) -> str:
        """How it was updated."""
        ...

    @property
    def n(self) -> int:
        """Patients of the update."""
        ...

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        ...

    @property
    def extension(self) -> Sequence[str]:
        """Terms of new predictors."""
        ...

    @property
    def shrinkage(self) -> float | None:
        """None without shrinkage."""
        ...

    @property
    def when(self) -> str:
        """Date, "" where nobody gave one."""
        ...


def updated_text(step: Step, language: Language) -> str:
    """Of which model, how, when, and on how many patients with how many events."""
    place = 0 if language == "en" else 1
    terms = (", ", "、")[place].join(step.extension)
    how = _METHODS[step.method][place].format(terms=terms)
    return _WHOLE[place].format(
        model=step.model,
        version=step.version,
        how=how + (_SHRUNK[place] if step.shrinkage is not None else ""),
        on=_ON[place].format(when=step.when) if step.when else "",
        n=step.n,
        events=_FEW[place] if step.n_events < FEWEST else step.n_events,
    )
