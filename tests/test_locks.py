"""The locks pin every dependency by hash and name no registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(lock: str) -> dict[str, set[str]]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=[a-z])", text.strip())
    assert len(requirements) > 50
    assert [r.split("==")[0] for r in requirements if "--hash=sha256:" not in r] == []
    assert re.search(r"://|--index-url|--find-links", text) is None


@pytest.mark.parametrize("lock", LOCKS)
def test_every_declared_dependency_is_pinned(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = list(project["dependencies"])
    if lock == "requirements-dev.lock":
        declared += project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[ ]", line)[0].lower() for line in declared}
    assert names - pinned(lock).keys() == set()


def test_both_locks_agree() -> None:
    runtime, development = (pinned(lock) for lock in LOCKS)
    assert {name for name in runtime if runtime[name] != development.get(name)} == set()
