"""One browser a session, for the tests of pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

Answer = TypeVar("Answer")
UNTESTED = "THE CALCULATOR WAS NOT TESTED IN A BROWSER: {} is missing; install it with: {}"


class Chromium:
    """Debian's Chromium, driven in a thread of its own.

    Playwright leaves an event loop running where it was started, and other tests start theirs.
    """

    def __init__(self, executable: str, start: Callable[[], Any]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._driver, self._browser = self._thread.submit(_launched, executable, start).result()
        self._contexts: dict[str, Any] = {}

    def call(self, action: Callable[[Any], Answer]) -> Answer:
        """What an action answers that is given the browser."""
        return self._thread.submit(action, self._browser).result()

    def run(self, action: Callable[[Any], Answer], **context: Any) -> Answer:
        """What an action answers that is given a new page; `context` as Playwright's contexts."""

        def act(browser: Any) -> Answer:
            own = browser.new_context(**context)
            try:
                return action(own.new_page())
            finally:
                own.close()

        return self.call(act)

    def run_beside(self, action: Callable[[Any], Answer], **context: Any) -> Answer:
        """The same, for pages of files: those of like contexts share one, which is quicker."""

        def act(browser: Any) -> Answer:
            page = self._context(browser, context).new_page()
            try:
                return action(page)
            finally:
                page.close()

        return self.call(act)

    def _context(self, browser: Any, asked: dict[str, Any]) -> Any:
        """A context like this; its empty page keeps alive the process that draws the others."""
        kind = repr(sorted(asked.items()))
        if kind not in self._contexts:
            self._contexts[kind] = browser.new_context(**asked)
            self._contexts[kind].new_page()
        return self._contexts[kind]

    def close(self) -> None:
        """End the browser."""
        self._thread.submit(self._browser.close).result()
        self._thread.submit(self._driver.stop).result()
        self._thread.shutdown()


def _launched(executable: str, start: Callable[[], Any]) -> tuple[Any, Any]:
    driver = start().start()
    return driver, driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser; what needs it is skipped, and said so, where there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip(UNTESTED.format("Chromium", "apt-get install chromium"))
    playwright = pytest.importorskip(
        "playwright.sync_api", reason=UNTESTED.format("Playwright", "pip install playwright")
    )
    browser = Chromium(executable, playwright.sync_playwright)
    yield browser
    browser.close()
