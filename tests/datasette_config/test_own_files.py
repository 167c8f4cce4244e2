"""What the operator and the classifier leave beside the site: texts and the model's card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datasette_config.legal import MOST_BYTES, Block, LegalError, read_legal
from datasette_config.model_card import CardError, read_card
from tests.datasette_config.conftest import model_card


def test_a_text_is_headings_and_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "impressum.txt"
    path.write_text(
        "\ufeff# Anbieter\r\nAmt\r\nStraße 1\r\n\r\n\r\nRat\r\n## Haftung\r\nKeine.", "utf-8"
    )
    assert read_legal(path) == (
        Block(2, ("Anbieter",)),
        Block(0, ("Amt", "Straße 1")),
        Block(0, ("Rat",)),
        Block(2, ("Haftung",)),
        Block(0, ("Keine.",)),
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"Stra\xdfe", "UTF-8"), (b"x" * (MOST_BYTES + 1), "bytes"), (None, "cannot be read")],
)
def test_a_text_that_cannot_be_shown_is_named(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LegalError, match=told) as caught:
        read_legal(path)
    assert str(path) in str(caught.value)


def test_the_card_of_the_model_in_force(tmp_path: Path) -> None:
    assert read_card(tmp_path) is None
    model_card(tmp_path)
    card = read_card(tmp_path)
    assert card is not None
    assert (card.id, card.examples, card.corrections, card.sure) == ("abc123", 1583, 4, 0.56)


@pytest.mark.parametrize("line", ["{}", "nonsense", json.dumps({"model_id": "../x", "at": "2026"})])
def test_a_card_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "promotions.jsonl").write_text(line + "\n")
    with pytest.raises(CardError, match="is no model card"):
        read_card(tmp_path)
