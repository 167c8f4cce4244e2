"""docs/operation.md names every key of radar.toml with its default, and no other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from radar.config import Config, load_config

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
FILE = re.findall(r"```toml\n(.*?)```", PAGE, re.S)[0]


def test_every_key_is_documented_and_no_other() -> None:
    document = tomllib.loads(FILE)
    named = {f"{section}_{key}" for section, keys in document.items() for key in keys}
    assert named == {field.name for field in fields(Config)}


def test_what_is_written_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "radar.toml"
    path.write_text(FILE, encoding="utf-8")
    assert load_config(path, {}) == Config()


def test_every_line_says_what_its_key_is() -> None:
    for line in FILE.splitlines():
        if "=" in line.partition("#")[0]:
            assert re.search(r" # \S", line), line
            assert len(line) <= 100


@pytest.mark.parametrize("name", re.findall(r"`(deploy/[\w.-]+[a-z])`", PAGE))
def test_files_it_names_are_there(name: str) -> None:
    assert (ROOT / name).is_file()
