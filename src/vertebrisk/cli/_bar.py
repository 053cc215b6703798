"""The line on the terminal while a command works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SPEED_S = 600.0  # seconds over which the speed is taken; a batch can last minutes
WIDTH = 20  # of the bar; in 80 columns the longest name of a step has room beside it


class _Count(MofNCompleteColumn):
    """How much of a step is done; nothing where that cannot be counted."""

    def render(self, task: Task) -> Text:
        """Done and to be done."""
        return Text() if task.total is None else super().render(task)


class _Time(TimeRemainingColumn):
    """The time that is left of a step, or for how long it has been under way."""

    def render(self, task: Task) -> Text:
        """The time and which of the two it is."""
        if task.total is None:
            return Text(f"{timedelta(seconds=int(task.elapsed or 0.0))} so far")
        return Text.assemble(super().render(task), " left")


@contextmanager
def bar_shown() -> Iterator[Callable[[str, int, int], None]]:
    """The line on standard error, and how it is told of a step: its name, what is done, of what.

    A total of 0 is of a step that cannot be counted.
    """
    columns = (TextColumn("{task.description}"), BarColumn(WIDTH), _Count(), _Time())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, speed_estimate_period=SPEED_S) as bar:
        shown = bar.add_task("", visible=False)
        current = ""

        def update(step: str, done: int, total: int) -> None:
            nonlocal current, shown
            if step != current or done == 0:
                current = step
                bar.remove_task(shown)
                shown = bar.add_task(step, total=total or None)
            bar.update(shown, completed=done)

        yield update
