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
