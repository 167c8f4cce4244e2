"""What all tests share: a Chromium for the page tests, and one trained model."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from classifier.identity import expected_id
from classifier.models import Model, load, save
from classifier.training import train

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: No sandbox: tests run as root in containers. The rest keeps it from calling out by itself.
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def find_chromium() -> str | None:
    """The browser named by CHROMIUM, else the first of the usual names on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


# One module at a time: while it is open, Playwright's event loop occupies the test thread, and
# other tests want to run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the test is skipped, and fails under CI."""
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium on the path (Debian: apt-get install chromium; or set CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, chromium_sandbox=False, args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def model_dir(pytestconfig: pytest.Config) -> Path:
    """Where the model of today's data and code lies; its id changes with either."""
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("classifier-models"))


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    """The model of the project's texts, trained once, whichever process of the tests is first."""
    card = model_dir / f"{expected_id()}.json"
    with (model_dir / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return load(card if card.exists() else save(train(), model_dir))
