"""The hash of contents stays what it always was: else every item would become a new version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fingerprint import fingerprint
from tests.store.desk import make_article

#: Every sign but halves of surrogate pairs, and those that JSON writes otherwise more often.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\t\x00\x1f\x7f/é'))


@given(st.lists(TEXTS | st.none() | st.integers()))
def test_it_is_that_of_the_values_as_json(values: list[str | int | None]) -> None:
    written = json.dumps(values, ensure_ascii=False)
    assert fingerprint(values) == hashlib.sha256(written.encode()).hexdigest()


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        fingerprint(["a\ud800"])


def test_a_contents_hash_is_the_same_in_every_release() -> None:
    article = replace(
        make_article(1), title='„Ämter“ "digital"', body="Absatz\nzwei\tTab \\ Ende", duration_s=7
    )
    assert article.content_hash() == (
        "7553f25ca6a6af59749574b35da74e0e1d6dcebc48cdf1340af9ad03a824b62e"
    )
