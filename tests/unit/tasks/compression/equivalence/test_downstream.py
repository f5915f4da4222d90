"""The same model on both prompts: what its answers have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from spanwise.clients import KEY
from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.downstream import Comparison, downstream, same_facts
from spanwise.tasks.compression.equivalence.server import Server
from tests.completions import Stub, completion, serving
from tests.extras import needs

PROMPTS = [f"The valve of hall {number} opens at {number} o'clock." for number in range(2, 8)]
SHORTER = [prompt.replace("The ", "").replace("of ", "") for prompt in PROMPTS]


def compare(shorter: Sequence[str], ask: object, **changes: object) -> Comparison:
    settings: dict[str, object] = {
        "ask": ask,
        "instruction": "Repeat.",
        "embed": None,
        "samples": 50,
        "level": 0.95,
        "seed": 1,
    }
    return downstream(PROMPTS, shorter, PROMPTS, **(settings | changes))  # type: ignore[arg-type]


def echo(prompts: Sequence[str]) -> list[str]:
    """A model that repeats the numbers and the last words of what it is told."""
    return [" ".join(prompt.split()[-4:]) for prompt in prompts]


def test_equal_answers_agree_wholly_and_those_to_other_prompts_less() -> None:
    found = compare(SHORTER, echo)
    same, chrf, facts = (found.agreements[name] for name in ("same", "chrf", "facts"))
    assert (same.both, same.low, same.high, same.others) == (1.0, 1.0, 1.0, 0.0)
    assert (chrf.both, facts.both, facts.others) == (1.0, 1.0, 0.0)
    assert 0 < chrf.others < 1
    assert (found.prompts, found.empty) == (6, 0)


def test_a_shorter_prompt_that_lost_its_number_answers_with_other_facts() -> None:
    found = compare([text.replace("at 3", "at 30") for text in SHORTER], echo)
    assert found.agreements["facts"].both == pytest.approx(5 / 6)
    low, high = found.agreements["facts"].low, found.agreements["facts"].high
    assert low is not None
    assert high is not None
    assert low < 5 / 6 < high


def test_the_instruction_stands_before_both_and_is_not_shortened() -> None:
    asked: list[str] = []

    def ask(prompts: Sequence[str]) -> list[str]:
        asked.extend(prompts)
        return ["" for _ in prompts]

    assert compare(SHORTER, ask).empty == 6
    assert asked == [f"Repeat.\n\n{text}" for text in (*PROMPTS, *SHORTER)]


def test_similarity_is_the_cosine_of_what_embeds() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if "3 o'clock" in text else [0.0, 1.0] for text in texts])

    found = compare(SHORTER, echo, embed=embed)
    assert found.agreements["similarity"].both == 1.0
    assert found.agreements["similarity"].others == pytest.approx(4 / 6)


def test_few_groups_have_no_interval_and_one_prompt_no_comparison() -> None:
    found = downstream(
        PROMPTS[:2],
        SHORTER[:2],
        PROMPTS[:2],
        ask=echo,
        instruction="",
        embed=None,
        samples=5,
        level=0.95,
        seed=1,
    )
    assert found.agreements["chrf"].low is None
    with pytest.raises(UserError, match="two prompts and more"):
        downstream(["a"], ["a"], ["a"], ask=echo, instruction="", embed=None, samples=5, level=0.95, seed=1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Wait five minutes.", "It takes 5 min.", True),
        ("Wait 5 minutes.", "Wait 5 hours.", False),
        ("Do not wait.", "Wait.", False),
        ("It is 2 and 3.", "It is 3 and 2.", True),
    ],
)
def test_facts_are_numbers_with_units_and_cues(one: str, other: str, same: bool) -> None:
    assert same_facts(one, other) is same


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stub, str]]:
    monkeypatch.setenv(KEY, "made-up-key")
    made = Stub(lambda asked: (200, completion(asked["messages"][0]["content"].upper())))
    with serving(made) as url:
        yield made, url


@needs("openai")
def test_a_server_answers_at_temperature_zero_and_counts_what_it_read(stub: tuple[Stub, str]) -> None:
    made, url = stub
    server = Server(url, "m", max_tokens=7)
    assert server(["a", "b"]) == ["A", "B"]
    assert server.read == 200_000
    assert [(asked["temperature"], asked["max_tokens"], asked["seed"]) for asked in made.asked] == [
        (0, 7, 13)
    ] * 2


@needs("openai")
def test_a_server_that_fails_is_told_without_the_prompt(stub: tuple[Stub, str]) -> None:
    made, url = stub
    made.reply = lambda asked: (400, {"error": {"message": asked["messages"][0]["content"]}})
    with pytest.raises(UserError, match="no answer: BadRequestError") as caught:
        Server(url, "m", retries=0)(["a secret"])
    assert "secret" not in str(caught.value)
