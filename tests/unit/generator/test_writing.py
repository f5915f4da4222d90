"""Writing: what is written, how sure the model was, and that batches and seeds do as they are told."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from spanwise.errors import UserError
from spanwise.generator.chat import Chat
from spanwise.generator.model import Generator
from spanwise.generator.training import fit
from spanwise.generator.writing import Sampling, Writer
from spanwise.schema import Answer, Example
from tests import talkers

GREEDY = Sampling(max_new_tokens=20, batch_size=5)


@pytest.fixture(scope="module")
def writer(words: Path, tmp_path_factory: pytest.TempPathFactory) -> Writer:
    """Whose model has learnt how an answer begins and ends."""
    recipe = talkers.recipe(adapter={"rank": 0}, epochs=12, learning_rate=0.02, scheduler="cosine")
    generator = Generator.pretrained(recipe, **talkers.settings(words))
    examples = talkers.dialogues()
    fit(generator, examples, examples[:2], seed=13, checkpoints=tmp_path_factory.mktemp("checkpoints"))
    untuned = Generator.pretrained(recipe, **talkers.settings(words))
    return Writer(generator.model.eval(), generator.chat, lambda: untuned.model)  # type: ignore[arg-type, return-value]


def by_hand(writer: Writer, example: Example, limit: int) -> Answer:
    """The likeliest token after the other, without cache, batches or `generate`."""
    prompt, written, chances = writer.chat.prompt(example), list[int](), list[float]()
    while len(written) < limit and writer.chat.stop not in written:
        with torch.no_grad():
            logits = writer.model(input_ids=torch.tensor([[*prompt, *written]])).logits[0, -1]
        written.append(int(logits.argmax()))
        chances.append(float(logits.softmax(-1).max()))
    return Answer(
        text=writer.chat.decode(written),
        tokens=len(written),
        finished=writer.chat.stop in written,
        minimum=min(chances),
        likelihood=math.exp(sum(map(math.log, chances)) / len(chances)),
    )


def test_answers_are_those_of_the_likeliest_tokens(writer: Writer, dialogues: list[Example]) -> None:
    for found, example in zip(writer.answer(dialogues, sampling=GREEDY, seed=1), dialogues, strict=True):
        expected = by_hand(writer, example, 20)
        assert (found.text, found.tokens, found.finished) == (
            expected.text,
            expected.tokens,
            expected.finished,
        )
        assert found.minimum == pytest.approx(expected.minimum, abs=1e-4)
        assert found.likelihood == pytest.approx(expected.likelihood, abs=1e-4)


def test_the_model_ends_its_answers_by_itself(writer: Writer, dialogues: list[Example]) -> None:
    answers = list(writer.answer(dialogues, sampling=GREEDY, seed=1))
    assert any(answer.finished for answer in answers)
    whole = next(each for each in zip(answers, dialogues, strict=True) if each[0].finished)
    limit = whole[0].tokens - 1
    [cut] = writer.answer([whole[1]], sampling=Sampling(max_new_tokens=limit), seed=1)
    assert (cut.finished, cut.tokens) == (False, limit)


def test_answers_come_in_the_order_of_the_questions(writer: Writer, dialogues: list[Example]) -> None:
    forwards = list(writer.answer(dialogues, sampling=GREEDY, seed=1))
    backwards = list(writer.answer(dialogues[::-1], sampling=GREEDY, seed=1))[::-1]
    assert [answer.text for answer in forwards] == [answer.text for answer in backwards]
    alone = list(writer.answer(dialogues, sampling=Sampling(max_new_tokens=20, batch_size=1), seed=1))
    assert [answer.text for answer in forwards] == [answer.text for answer in alone]


def test_the_same_questions_give_the_same_answers(writer: Writer, dialogues: list[Example]) -> None:
    one, two = (list(writer.answer(dialogues, sampling=GREEDY, seed=seed)) for seed in (1, 2))
    assert one == two


def test_drawn_answers_follow_the_seed_alone(writer: Writer, dialogues: list[Example]) -> None:
    drawn = Sampling(max_new_tokens=12, temperature=1.5, top_p=0.95, batch_size=4)
    state = torch.random.get_rng_state()
    one, again, other = (list(writer.answer(dialogues, sampling=drawn, seed=seed)) for seed in (1, 1, 2))
    assert one == again
    assert [answer.text for answer in one] != [answer.text for answer in other]
    assert torch.random.get_rng_state().equal(state)


def test_a_narrow_draw_is_the_likeliest(writer: Writer, dialogues: list[Example]) -> None:
    narrow = Sampling(max_new_tokens=12, temperature=1.0, top_p=1e-6, batch_size=4)
    greedy = Sampling(max_new_tokens=12, batch_size=4)
    # The confidence is that of the model's own distribution, whatever was cut off from it.
    drawn = list(writer.answer(dialogues, sampling=narrow, seed=1))
    assert drawn == list(writer.answer(dialogues, sampling=greedy, seed=1))


def test_no_questions_have_no_answers(writer: Writer) -> None:
    assert list(writer.answer([], sampling=GREEDY, seed=1)) == []


def test_the_untuned_model_answers_too(writer: Writer, dialogues: list[Example]) -> None:
    tuned = next(writer.answer(dialogues, sampling=GREEDY, seed=1))
    untuned = next(writer.answer(dialogues, sampling=GREEDY, seed=1, tuned=False))
    assert tuned.likelihood > 10 * untuned.likelihood
    cheaper = zip(writer.losses(dialogues), writer.losses(dialogues, tuned=False), strict=True)
    assert all(one.mean < two.mean for one, two in cheaper)


def test_the_loss_is_the_log_likelihood_of_the_answer(writer: Writer, dialogues: list[Example]) -> None:
    [loss] = writer.losses(dialogues[:1])
    tokens, answer = writer.chat.answered(dialogues[0])
    with torch.no_grad():
        chances = writer.model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(-1)
    expected = [float(chances[place - 1, tokens[place]]) for place, mark in enumerate(answer) if mark]
    assert loss.total == pytest.approx(-sum(expected), rel=1e-5)
    assert loss.tokens == len(expected)
    assert loss.mean == loss.total / loss.tokens


def long(text: str, target: str) -> Example:
    return Example(id="long", text=text, target=target, group="long")


def test_a_prompt_that_leaves_no_room_is_refused(writer: Writer) -> None:
    with pytest.raises(UserError, match=r"example long: a prompt of \d+ tokens and 20 to be written"):
        next(writer.answer([long("aspirin " * 240, "")], sampling=GREEDY, seed=1))


def test_an_answer_behind_the_last_position_is_refused(writer: Writer) -> None:
    with pytest.raises(UserError, match="example long is longer than the 256 positions"):
        writer.losses([long("Why?", "aspirin " * 300)])
    with pytest.raises(UserError, match="no token to learn from"):
        writer.losses([long("aspirin " * 300, "So.")])


def test_tokens_behind_the_end_are_not_counted(writer: Writer, dialogues: list[Example], chat: Chat) -> None:
    """Shorter answers of a batch are filled up while longer ones are written."""
    together = list(writer.answer(dialogues, sampling=GREEDY, seed=1))
    for answer in together:
        assert answer.finished or answer.tokens == 20
        assert 0 < answer.minimum <= answer.likelihood <= 1
