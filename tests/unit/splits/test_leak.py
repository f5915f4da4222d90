from __future__ import annotations

from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.schema import Example, SplitName
from spanwise.splits.leak import SHOWN, Leak, find_leak, forbid_copies, forbid_leak

LONG = "a woman of sixty was seen for pain in the right knee that had lasted for two years"


def document(name: str, text: str, group: str | None = None) -> Example:
    return Example(id=name, text=text, target=(), group=group or name)


def leak(train: list[Example], test: list[Example], validation: tuple[Example, ...] = ()) -> Leak:
    sides: dict[SplitName, list[Example]] = {"train": train, "validation": [*validation], "test": test}
    return find_leak(sides, ngram=5, overlap=0.3)


def test_strangers_do_not_leak() -> None:
    found = leak([document("a", LONG)], [document("b", "no fever was found in him on that day at all")])
    assert found == Leak(groups_across=0, twins_across=0, max_overlap=0.0)
    forbid_leak(found)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (document("a", "fever", "p"), document("b", "cough", "p"), Leak(1, 0, 0.0)),
        (document("a", "fever", "p"), document("a", "cough", "q"), Leak(1, 0, 0.0)),
        (document("a", "No  fever"), document("b", "no fever\n"), Leak(0, 1, 1.0)),
        (
            document("a", "ovarian (B-cell) cancer."),
            document("b", "Ovarian ( B - cell ) cancer ."),
            Leak(0, 1, 1.0),
        ),
        (document("a", "M\u00e9ni\u00e8re"), document("b", "Me\u0301nie\u0300re"), Leak(0, 1, 1.0)),
        (
            document("a", f"M\u00e9ni\u00e8re {LONG}"),
            document("b", f"Me\u0301nie\u0300re {LONG} or so"),
            Leak(0, 1, 1.0),
        ),
        (document("a", "- - - - - - - - - - ?"), document("b", "- - - - - - - - - - !"), Leak(0, 0, 0.0)),
        (document("a", "\u2026"), document("b", " ...\n"), Leak(0, 1, 1.0)),
        (document("a", LONG), document("b", LONG + " but is well now and walks a mile"), Leak(0, 1, 1.0)),
        (document("1", "fever", "2"), document("2", "cough", "3"), Leak(0, 0, 0.0)),
        (
            document("a", "biopsy of the left kidney failed"),
            document("b", "biopsy of the left kidney won"),
            Leak(0, 0, 0.0),
        ),
    ],
    ids=[
        "group",
        "id",
        "text",
        "tokenised",
        "unicode",
        "unicode excerpt",
        "no words",
        "same without words",
        "excerpt",
        "group is no id",
        "phrase",
    ],
)
def test_what_counts_as_a_leak(one: Example, other: Example, expected: Leak) -> None:
    assert leak([one], [other]) == expected
    assert leak([other], [one]) == expected
    assert leak([one, other], []) == Leak(0, 0, 0.0)


def test_every_pair_of_sides_is_looked_at() -> None:
    found = leak([document("a", LONG)], [document("c", LONG)], validation=(document("b", LONG),))
    assert found == Leak(groups_across=0, twins_across=3, max_overlap=1.0)


def test_overlap_below_the_bound_is_measured_and_allowed() -> None:
    # Words w0 to w23, of which the other has the first nine: 5 of 20 5-grams.
    words = [f"w{number}" for number in range(24)]
    other = [*words[:9], *(f"v{number}" for number in range(15))]
    found = leak([document("a", " ".join(words))], [document("b", " ".join(other))])
    assert found == Leak(groups_across=0, twins_across=0, max_overlap=0.25)
    forbid_leak(found)
    sides: dict[SplitName, list[Example]] = {
        "train": [document("a", " ".join(words))],
        "test": [document("b", " ".join(other))],
    }
    with pytest.raises(UserError, match=r"1 pairs of twins .* the greatest overlap is 0\.250"):
        forbid_leak(find_leak(sides, ngram=5, overlap=0.2))


def test_copies_leak_even_where_any_overlap_is_allowed() -> None:
    sides: dict[SplitName, list[Example]] = {"train": [document("a", LONG)], "test": [document("b", LONG)]}
    assert find_leak(sides, ngram=5, overlap=1.0).twins_across == 1
    sides["test"] = [document("b", LONG + " and a half")]
    assert find_leak(sides, ngram=5, overlap=1.0) == Leak(0, 0, 1.0)


@pytest.mark.parametrize("found", [Leak(1, 0, 0.0), Leak(0, 1, 0.0)])
def test_each_figure_alone_is_enough_to_fail(found: Leak) -> None:
    with pytest.raises(UserError, match="the split leaks"):
        forbid_leak(found)


def check(
    texts: list[Example],
    *,
    test: list[Example],
    validation: tuple[Example, ...] = (),
    other_folds: tuple[Example, ...] = (),
) -> None:
    sides: dict[SplitName, list[Example]] = {"test": test, "validation": [*validation]}
    forbid_copies(texts, sides, other_folds=other_folds, ngram=5, overlap=0.3)


def refused(texts: list[Example], **evaluated: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        check(texts, **evaluated)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG.upper(),
        LONG.replace(" ", "\n\t "),
        LONG.replace(" for", ", for") + ".",
        f"{LONG} but is well now and walks a mile",
        " ".join(LONG.split()[2:14]),
        LONG.replace("knee", "hip"),
    ],
    ids=["copy", "case", "spacing", "punctuation", "longer", "excerpt", "one word"],
)
def test_an_unlabelled_twin_of_an_evaluation_document_is_refused(text: str) -> None:
    error = refused(
        [document("n/x", "no fever was found"), document("n/a", text)], test=[document("t", LONG)]
    )
    assert "1 of 2 documents" in error.reason
    assert error.reason.endswith("(1 of test): n/a (test document t)")
    assert "--repin" in str(error.hint)
    assert "knee" not in str(error)


def test_a_short_copy_counts_and_a_phrase_in_common_does_not() -> None:
    assert (
        "n/a (test document t)"
        in refused([document("n/a", "No  Fever")], test=[document("t", "no fever\n")]).reason
    )
    phrase = document("n/b", "biopsy of the left kidney failed")
    check([phrase], test=[document("t", "biopsy of the left kidney won")])
    check([], test=[document("t", LONG)])
    check([document("n/c", LONG)], test=[])


def test_copies_that_other_folds_would_refuse_are_counted_once() -> None:
    other = "no fever was found in him on that day at all"
    texts = [document(f"n/{n}", text) for n, text in enumerate([LONG, other, f"{other} or after", "rash"])]
    elsewhere = (document("o", other), document("p", other.upper()), document("q", LONG))
    error = refused(texts, test=[document("t", LONG)], other_folds=elsewhere)
    assert "1 of 4 documents" in error.reason
    assert error.reason.endswith(
        "n/0 (test document t); 2 more are twins of documents that other folds evaluate on"
    )
    assert "other folds" not in refused(texts, test=[document("t", LONG)]).reason
    check(texts, test=[document("t", "cough")], other_folds=elsewhere)


def test_each_document_is_told_once_and_the_first_are_named() -> None:
    texts = [document(f"n/{number:02}", f"{LONG} {number}") for number in range(SHOWN + 2)]
    texts.append(document("n/v", "no fever was found in him on that day at all"))
    seen = document("v", "no fever was found in him on that day at all, nor cough")
    error = refused(
        texts, test=[document("t", LONG), document("u", LONG)], validation=(document("w", LONG), seen)
    )
    assert f"{SHOWN + 3} of {SHOWN + 3} documents" in error.reason
    assert f"({SHOWN + 2} of test, 1 of validation)" in error.reason
    assert f"n/{SHOWN - 1:02} (test document t), and 3 more" in error.reason
    assert error.reason.count("n/00") == 1
