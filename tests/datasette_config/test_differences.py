from hypothesis import assume, given
from hypothesis import strategies as st

from datasette_config.differences import CONTEXT, MOST_COMPARISONS, Piece, differences

words = st.sampled_from(["der", "Kreis", "baut", "elf", "neun", "Netze", "aus"])
texts = st.lists(words, max_size=12).map(" ".join)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    assume(before != after)
    pieces = differences(before, after)
    for text, left_out in ((before, "new"), (after, "gone")):
        kept = [piece.text for piece in pieces if piece.kind != left_out and piece.text]
        assert " ".join(kept) == text


def test_a_correction_is_one_word() -> None:
    assert differences("Es dauert elf Tage.", "Es dauert neun Tage.") == (
        Piece("same", "Es dauert"),
        Piece("gone", "elf"),
        Piece("new", "neun"),
        Piece("same", "Tage."),
    )


def test_what_is_far_from_a_change_is_left_out() -> None:
    words = [f"w{n}" for n in range(100)]
    changed = [*words[:50], "neu", *words[50:]]
    pieces = differences(" ".join(words), " ".join(changed))
    assert [piece.kind for piece in pieces] == ["skipped", "same", "new", "same", "skipped"]
    assert len(pieces[1].text.split()) == CONTEXT


def test_a_field_that_appears_or_vanishes() -> None:
    assert differences(None, "Neu dabei") == (Piece("new", "Neu dabei"),)
    assert differences("Nicht mehr", None) == (Piece("gone", "Nicht mehr"),)


def test_very_long_texts_are_compared_by_paragraph() -> None:
    paragraph = "wort " * 300
    before = "\n".join(f"{n} {paragraph}".strip() for n in range(8))
    assert len(before.split()) ** 2 > MOST_COMPARISONS
    pieces = differences(before, before.replace("3 wort", "drei wort", 1))
    assert [piece.text.split()[0] for piece in pieces if piece.kind in ("gone", "new")] == [
        "3",
        "drei",
    ]
