from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.spans import SpanCounts, count_labels, tabulate
from spanwise.metrics.strata import Mention, count, mention, mentions
from spanwise.schema import Confidence, Example, GoldSpan, PredictedSpan, Prediction, Span

SURE = Confidence(words=(0.5,), minimum=0.5, mean=0.5, product=0.5, span=0.5)
TEXT = "dry  Cough, type-2 diabetes mellitus and acute pain"

Row = tuple[str, str]
"""A piece of the text and its label."""


def predict(gold: list[Row], predicted: list[Row], text: str = TEXT) -> Prediction:
    def place(piece: str, label: str) -> dict[str, object]:
        start = text.index(piece)
        return {"start": start, "end": start + len(piece), "label": label, "tier": "high"}

    return Prediction(
        id="d",
        text=text,
        group="g",
        gold=tuple(GoldSpan.model_validate(place(*row)) for row in gold),
        predicted=tuple(
            PredictedSpan.model_validate({**place(*row), "confidence": SURE}) for row in predicted
        ),
    )


def counted(
    predictions: list[Prediction], seen: frozenset[Mention] | None = frozenset()
) -> dict[str, SpanCounts]:
    return count(predictions, tabulate(predictions), seen=seen)


def figures(counts: SpanCounts) -> dict[str, tuple[int, int, int]]:
    """Right, predicted and gold spans of each stratum."""
    total = counts.total()
    columns = (total.true_positives.tolist(), total.predicted.tolist(), total.gold.tolist())
    return dict(zip(total.labels, zip(*columns, strict=True), strict=True))


def test_mentions_of_a_training_side_fold_case_and_white_space() -> None:
    text = "Dry\n cough and ẞ"
    target = (Span(start=0, end=10, label="Sign"), Span(start=15, end=16, label="Letter"))
    examples = [
        Example(id="a", text=text, target=target, group="a"),
        Example(id="b", text=text, target="no spans", group="b"),
    ]
    assert mentions(examples) == {("Sign", "dry cough"), ("Letter", "ss")}
    assert mention("Sign", "DRY\tcough ") in mentions(examples)


def test_a_mention_is_seen_by_label_and_text() -> None:
    seen = frozenset({("Sign", "dry cough"), ("Disease", "pain")})
    found = counted(
        [
            predict(
                [("dry  Cough", "Sign"), ("pain", "Sign"), ("diabetes", "Disease")],
                [("dry  Cough", "Sign"), ("pain", "Disease"), ("diabetes", "Disease"), ("acute", "Sign")],
            )
        ],
        seen,
    )
    assert figures(found["mention"]) == {"seen": (1, 2, 1), "unseen": (1, 2, 2)}


def test_without_a_training_side_there_is_no_seen_and_unseen() -> None:
    assert list(counted([predict([("pain", "Sign")], [])], None)) == ["tokens", "length"]


@pytest.mark.parametrize(
    ("piece", "tokens", "length"),
    [
        ("pain", "single", "1"),
        ("acute pain", "multi", "2"),
        ("dry  Cough,", "multi", "3"),
        ("type-2", "multi", "3"),
        ("type-2 diabetes", "multi", "4-5"),
        ("type-2 diabetes mellitus", "multi", "4-5"),
        ("type-2 diabetes mellitus and", "multi", "6+"),
        (TEXT, "multi", "6+"),
        ("  ", "single", "1"),
    ],
)
def test_length_is_counted_in_the_words_of_the_encoding(piece: str, tokens: str, length: str) -> None:
    found = counted([predict([(piece, "Sign")], [(piece, "Sign")])])
    assert {name for name, each in figures(found["tokens"]).items() if each == (1, 1, 1)} == {tokens}
    assert {name for name, each in figures(found["length"]).items() if each == (1, 1, 1)} == {length}


def test_every_stratum_is_listed_even_if_empty() -> None:
    found = counted([])
    assert {name: counts.labels for name, counts in found.items()} == {
        "tokens": ("single", "multi"),
        "length": ("1", "2", "3", "4-5", "6+"),
        "mention": ("seen", "unseen"),
    }
    assert found["length"].gold.shape == (0, 5)


rows = st.lists(
    st.tuples(st.sampled_from(["dry", "dry  Cough", "pain", "acute pain", TEXT]), st.sampled_from("AB")),
    max_size=6,
)


@given(st.lists(st.tuples(rows, rows), max_size=3), st.sets(st.sampled_from([("A", "dry"), ("B", "pain")])))
def test_strata_divide_the_strict_counts(
    corpus: list[tuple[list[Row], list[Row]]], seen: set[Mention]
) -> None:
    predictions = [predict(*sides) for sides in corpus]
    whole = count_labels(tabulate(predictions)).total()
    for counts in counted(predictions, frozenset(seen)).values():
        total = counts.total()
        assert total.true_positives.sum() == whole.true_positives.sum()
        assert total.predicted.sum() == whole.predicted.sum()
        assert total.gold.sum() == whole.gold.sum()
        # A right span is in the same stratum on both sides.
        assert (total.true_positives <= total.predicted).all()
        assert (total.true_positives <= total.gold).all()
