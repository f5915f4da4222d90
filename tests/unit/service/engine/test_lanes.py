from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Sequence

import pytest

from spanwise.errors import UserError
from spanwise.service.contract import DeadlineError, ItemError, NoModelError, ServiceError
from spanwise.service.engine.lanes import UNTOLD, compute, failure
from spanwise.service.engine.tickets import Outcome, Ticket

Work = Callable[[Sequence[str]], Sequence[str | Exception]]


class Doubling:
    """A group of one lane."""

    def on(self, lane: int) -> Work:
        return doubled


def doubled(texts: Sequence[str]) -> list[str | Exception]:
    return [2 * text for text in texts]


def outcomes(work: Work, *texts: str, left: Sequence[str] = ()) -> list[Outcome[str]]:
    async def main() -> list[Outcome[str]]:
        loop = asyncio.get_running_loop()
        tickets = [
            Ticket(
                number=number,
                endpoint="extract",
                group=Doubling(),
                item=text,
                weight=1,
                deadline=float("inf"),
                submitted=0.0,
                outcome=loop.create_future(),
                waiters=int(text not in left),
            )
            for number, text in enumerate(texts)
        ]
        return compute(work, tickets).outcomes

    return asyncio.run(main())


def test_each_item_has_its_outcome_and_knows_how_many_were_computed_with_it() -> None:
    assert outcomes(doubled, "a", "b") == [Outcome("aa", 2), Outcome("bb", 2)]


def test_one_that_fails_the_batch_fails_alone() -> None:
    def failing(texts: Sequence[str]) -> list[str | Exception]:
        if "poison" in texts:
            raise ValueError(f"cannot read {texts}")
        return doubled(texts)

    first, second, third = outcomes(failing, "a", "poison", "b")
    assert (first, third) == (Outcome("aa", 1), Outcome("bb", 1))
    assert isinstance(second.value, ServiceError)
    assert second.value.code == "internal"


def test_a_single_item_that_fails_is_not_tried_again() -> None:
    tried = []

    def failing(texts: Sequence[str]) -> list[str | Exception]:
        tried.append(texts)
        raise ValueError

    (found,) = outcomes(failing, "a")
    assert isinstance(found.value, ServiceError)
    assert tried == [["a"]]


def test_an_item_that_is_said_to_fail_fails_alone_without_another_try() -> None:
    def partly(texts: Sequence[str]) -> list[str | Exception]:
        return [KeyError(texts[0]), *texts[1:]]

    first, second = outcomes(partly, "a", "b")
    assert (str(first.value), second) == (UNTOLD, Outcome("b", 2))


@pytest.mark.parametrize("answers", [[], ["a", "b", "c"]])
def test_another_number_of_answers_than_items_is_a_failure(answers: list[str | Exception]) -> None:
    found = outcomes(lambda _: answers, "a", "b")
    assert {str(each.value) for each in found} == {
        "the model gave another number of answers than it was asked for"
    }


def test_what_is_no_sequence_is_a_failure() -> None:
    (found,) = outcomes(lambda _: None, "a")  # type: ignore[arg-type, return-value]
    assert str(found.value) == UNTOLD


def test_an_item_that_everyone_left_is_not_tried_alone() -> None:
    tried = []

    def failing(texts: Sequence[str]) -> list[str | Exception]:
        tried.append(list(texts))
        raise ValueError

    first, second = outcomes(failing, "a", "b", left=["a"])
    assert isinstance(first.value, DeadlineError)
    assert isinstance(second.value, ServiceError)
    assert tried == [["a", "b"], ["b"]]


def test_what_may_be_said_of_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    said_of = failure(UserError("the graph is damaged", path="a.onnx"))
    assert isinstance(said_of, ItemError)
    assert str(said_of) == "the graph is damaged"
    assert str(failure(ValueError("words of a patient"))) == UNTOLD
    assert "words of a patient" not in caplog.text
    assert "ValueError" in caplog.text
    said = NoModelError("as it is")
    assert failure(said) is said


def test_a_failure_keeps_nothing_in_memory() -> None:
    class Document:
        pass

    held = []

    def work() -> None:
        document = Document()
        held.append(weakref.ref(document))
        try:
            raise ValueError(document)
        except ValueError as error:
            raise ItemError("bad") from error

    try:
        work()
    except ItemError as error:
        found = failure(error)
    gc.collect()
    assert (found.__traceback__, found.__cause__, found.__context__) == (None, None, None)
    assert held[0]() is None
