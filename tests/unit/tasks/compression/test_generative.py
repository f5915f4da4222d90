"""What a model writes stands only where gates and target let it."""

from __future__ import annotations

from collections.abc import Sequence

from spanwise.tasks.compression.budget import load_tokenizer
from spanwise.tasks.compression.compressor import Compressor, gates
from spanwise.tasks.compression.generative import Rewriter

TEXT = "Please note that the valve must not be opened before the inspection on 3 May by Anna Smith."
GOOD = "Do not open the valve before inspection on 3 May by Anna Smith."
RULES = Compressor(check=gates, tokenizer=load_tokenizer("words"))


class Parrot:
    """A model that writes what it was told to."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, prompts: Sequence[str]) -> list[str]:
        self.asked += prompts
        return [self.answers[number % len(self.answers)] for number, _ in enumerate(prompts)]


def test_a_faithful_rewriting_stands_under_the_name_of_the_model() -> None:
    found = Rewriter(Parrot(GOOD), "tiny", RULES).compress(TEXT)
    assert (found.text, found.scorer, found.kept) == (GOOD, "tiny", None)
    assert (found.before, found.after) == (18, 13)


def test_what_loses_a_negation_or_invents_a_number_gives_way_to_the_extractive_one() -> None:
    wrong = (
        GOOD.replace("Do not open", "Open"),
        GOOD.replace("3 May", "4 May"),
        GOOD.replace("Anna", "Berta"),
        "",
    )
    for found in Rewriter(Parrot(*wrong), "tiny", RULES).many([TEXT] * len(wrong)):
        assert found == RULES.compress(TEXT)


def test_what_misses_the_target_gives_way_too() -> None:
    rewriter = Rewriter(Parrot(GOOD), "tiny", RULES)
    assert rewriter.compress(TEXT, max_tokens=13).scorer == "tiny"
    assert rewriter.compress(TEXT, max_tokens=12) == RULES.compress(TEXT, max_tokens=12)


def test_code_and_empty_prompts_are_never_shown_to_the_model() -> None:
    parrot = Parrot(GOOD)
    code = "def f():\n    return 1\n"
    found = list(Rewriter(parrot, "tiny", RULES).many([code, "", '{"a": 1}']))
    assert [each.text for each in found] == [code, "", '{"a": 1}']
    assert parrot.asked == []


def test_a_stream_is_rewritten_paragraph_by_paragraph() -> None:
    parrot = Parrot(GOOD)
    parts = list(Rewriter(parrot, "tiny", RULES).stream([f"{TEXT}\n\n", f"{TEXT}\n"], rate=0.9))
    assert parts == [GOOD, GOOD]
    assert parrot.asked == [f"{TEXT}\n\n", f"{TEXT}\n"]
