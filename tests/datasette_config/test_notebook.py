"""The example for notebooks in the documentation runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    path: block
    for path in ("README.md", "docs/data.md")
    for block in re.findall(r"```python\n(.*?)```", (ROOT / path).read_text("utf-8"), re.DOTALL)
    if "SITE = " in block
}


def run(path: str, address: str) -> dict[str, Any]:
    here, changed = re.subn(r'SITE = "[^"]+"', f'SITE = "{address}"', EXAMPLES[path])
    assert changed == 1, path
    given: dict[str, Any] = {}
    exec(compile(here, path, "exec"), given)
    return given


def test_the_short_one_finds_something(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("README.md", address)["found"]["total"] > 0
    assert len(capsys.readouterr().out.splitlines()) >= 1


def test_the_long_one_counts_and_asks_too(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = run("docs/data.md", address)
    assert given["found"]["total"] > 0
    assert sum(month["count"] for month in given["by_month"]) > 0
    assert len(given["rows"]) > 5
    assert len(capsys.readouterr().out.splitlines()) >= 2
