"""Many questions to one model: each is paid once, within the budget, whatever happens in between."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.pairs.generation.answers import Answer, FailedRequestError, Sampling
from spanwise.pairs.generation.asking import PATIENCE, Asker, Price, Question, Unasked
from spanwise.pairs.generation.prompts import Prompt, load_prompt
from spanwise.pairs.generation.providers import connect
from spanwise.pairs.generation.rates import Rates
from spanwise.pairs.generation.session import Limits, Model, ask_model
from spanwise.pairs.generation.store import Store, opened
from tests.extras import needs
from tests.unit.pairs.generation.protocols import (
    OPENAI,
    PROTOCOLS,
    READ,
    WRITTEN,
    Asked,
    Protocol,
    Reply,
    Server,
    half,
    serving,
)

pytestmark = needs("anthropic", "diskcache", "google.genai", "openai", "tenacity")

PRICE = Price(input=2.0, output=10.0)
COST = PRICE.cost(READ, WRITTEN)
PROMPT = Prompt("prose-1", "Shorten.")
SAMPLING = Sampling(max_tokens=100)
TEXTS = [f"secret text number {number} to shorten" for number in range(6)]
MOST = PRICE.cost(Question(PROMPT, TEXTS[0]).most_tokens, 100)


def questions(texts: list[str]) -> list[Question]:
    return [Question(PROMPT, text) for text in texts]


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


def run(
    server: Server, folder: Path, texts: list[str], *, budget: float = 1.0, concurrency: int = 2
) -> tuple[list[Answer | Unasked], Asker]:
    async def whole(store: Store) -> tuple[list[Answer | Unasked], Asker]:
        provider = connect(server.protocol.name, "m", address=server.address, timeout=20)
        asker = Asker(
            provider,
            store,
            price=PRICE,
            budget=budget,
            sampling=SAMPLING,
            rates=Rates(),
            concurrency=concurrency,
            attempts=3,
            sleep=no_sleep,
        )
        try:
            return await asker.ask(questions(texts)), asker
        finally:
            await provider.close()

    with opened(folder) as store:
        return asyncio.run(whole(store))


def spent(folder: Path) -> list[float]:
    """What was paid, and what may have been."""
    with opened(folder) as store:
        return [store.spent, store.unsettled]


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_too_many_requests_then_an_answer_is_an_answer_paid_once(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(protocol, monkeypatch) as server:
        failures = iter([429, 503])

        def reply(asked: Asked) -> Reply:
            for status in failures:
                return server.fail(status, retry_after="1")
            return server.whole("short")

        server.reply = reply
        (answer,), asker = run(server, tmp_path, TEXTS[:1])
    assert isinstance(answer, Answer)
    assert (answer.text, len(server.asked)) == ("short", 3)
    assert (asker.tally.requests, asker.tally.answers) == (3, 1)
    assert (asker.tally.input_tokens, asker.tally.output_tokens) == (READ, WRITTEN)
    assert asker.tally.cost == spent(tmp_path)[0] == pytest.approx(COST)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(OPENAI, monkeypatch) as made:
        yield made


def test_answers_come_in_the_order_of_questions_and_equal_ones_are_asked_once(
    server: Server, tmp_path: Path
) -> None:
    texts = [*TEXTS, TEXTS[0]]
    answers, _ = run(server, tmp_path, texts, concurrency=3)
    assert [answer.text for answer in answers if isinstance(answer, Answer)] == list(map(half, texts))
    assert sorted(asked.user for asked in server.asked) == sorted(TEXTS)
    assert {asked.system for asked in server.asked} == {"Shorten."}


def test_what_was_answered_is_not_asked_again_whoever_asks(server: Server, tmp_path: Path) -> None:
    first, _ = run(server, tmp_path, TEXTS[:4])
    again, asker = run(server, tmp_path, TEXTS, budget=1.0)
    assert again[:4] == first
    assert (asker.tally.from_disk, asker.tally.requests, len(server.asked)) == (4, 2, 6)


def test_a_server_that_is_broken_for_good_stops_the_run_and_what_was_answered_stays(
    server: Server, tmp_path: Path
) -> None:
    whole = server.reply
    server.reply = lambda asked: server.fail(500) if asked.user == TEXTS[3] else whole(asked)
    with pytest.raises(UserError, match="openai, m: InternalServerError, status 500") as caught:
        run(server, tmp_path, TEXTS, concurrency=1)
    assert "secret" not in str(caught.value)
    assert [asked.user for asked in server.asked] == [*TEXTS[:3], *[TEXTS[3]] * 3]
    assert spent(tmp_path) == pytest.approx([3 * COST, 0])
    server.reply = whole
    answers, asker = run(server, tmp_path, TEXTS, concurrency=1)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert (asker.tally.from_disk, asker.tally.requests) == (3, 3)


def test_what_is_under_way_when_the_run_stops_is_waited_for_and_kept(server: Server, tmp_path: Path) -> None:
    refused, whole = threading.Event(), server.reply

    def reply(asked: Asked) -> Reply:
        if asked.user == TEXTS[1]:
            refused.set()
            return server.fail(401)
        refused.wait(20)
        return whole(asked)

    server.reply = reply
    with pytest.raises(UserError, match="status 401"):
        run(server, tmp_path, TEXTS, concurrency=2)
    users = [asked.user for asked in server.asked]
    assert TEXTS[0] in users
    assert len(users) < len(TEXTS)
    assert spent(tmp_path) == pytest.approx([(len(users) - 1) * COST, 0])


def test_a_text_that_is_rejected_leaves_the_others_alone(server: Server, tmp_path: Path) -> None:
    whole = server.reply
    server.reply = lambda asked: server.fail(400) if asked.user == TEXTS[0] else whole(asked)
    answers, asker = run(server, tmp_path, TEXTS)
    assert answers[0] == "rejected"
    assert all(isinstance(answer, Answer) for answer in answers[1:])
    assert asker.tally.cost == pytest.approx(5 * COST)


def test_rejections_alone_stop_the_run(server: Server, tmp_path: Path) -> None:
    server.reply = lambda asked: server.fail(400)
    with pytest.raises(UserError, match="BadRequestError, status 400"):
        run(server, tmp_path, [f"text {number}" for number in range(99)], concurrency=1)
    assert len(server.asked) == PATIENCE


@pytest.mark.parametrize("stop", ["truncated", "refused"])
def test_answers_that_are_not_whole_are_paid_and_kept(server: Server, tmp_path: Path, stop: str) -> None:
    server.reply = lambda asked: server.ended("cut o", stop)
    (answer,), _ = run(server, tmp_path, TEXTS[:1])
    (again,), asker = run(server, tmp_path, TEXTS[:1])
    assert answer == again
    assert isinstance(answer, Answer)
    assert (answer.stop, asker.tally.requests, len(server.asked)) == (stop, 0, 1)


def test_a_malformed_answer_counts_as_dear_as_it_can_be_and_is_not_kept(
    server: Server, tmp_path: Path
) -> None:
    server.reply = lambda asked: Reply({"choices": []})
    (answer,), _ = run(server, tmp_path, TEXTS[:1])
    assert isinstance(answer, Answer)
    assert answer.stop == "malformed"
    assert spent(tmp_path)[0] == pytest.approx(MOST)
    server.reply = lambda asked: server.whole("short")
    assert isinstance(run(server, tmp_path, TEXTS[:1])[0][0], Answer)
    assert len(server.asked) == 2


def test_the_budget_stops_before_it_is_exceeded_and_a_larger_one_goes_on(
    server: Server, tmp_path: Path
) -> None:
    budget = 2 * COST + MOST
    answers, _ = run(server, tmp_path, TEXTS, budget=budget)
    assert answers.count("budget") == 3
    assert sum(isinstance(answer, Answer) for answer in answers) == 3
    assert spent(tmp_path)[0] == pytest.approx(3 * COST)
    assert spent(tmp_path)[0] <= budget
    again, asker = run(server, tmp_path, TEXTS, budget=budget)
    assert (again, asker.tally.requests) == (answers, 0)
    whole, asker = run(server, tmp_path, TEXTS)
    assert (asker.tally.from_disk, asker.tally.requests) == (3, 3)
    assert all(isinstance(answer, Answer) for answer in whole)


class Erratic:
    """A provider that does what it is told; `charged` is the worst that it can ask money for."""

    name, model = "erratic", "m"

    def __init__(self, does: list[str | int]) -> None:
        self.address: str | None = None
        self.does = iter(does)
        self.charged = 0.0

    async def ask(self, instructions: str, text: str, sampling: Sampling) -> Answer:
        await asyncio.sleep(0)
        what = next(self.does, "whole")
        if isinstance(what, int):
            raise FailedRequestError("Status", status=what)
        self.charged += MOST
        if what == "late":
            raise FailedRequestError("Late", timed_out=True, charged=True)
        if what == "malformed":
            return Answer(text="", stop="malformed")
        read = None if what == "unsaid" else Question(PROMPT, text).most_tokens
        return Answer(text="t", stop="whole", input_tokens=read, output_tokens=sampling.max_tokens)

    async def close(self) -> None:
        """Nothing is open."""


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.open: dict[str, float] = {}
        self.spent = 0.0

    def find(self, key: str) -> Answer | None:
        return self.answers.get(key)

    def reserve(self, most: float, budget: float) -> str | None:
        if self.spent + sum(self.open.values()) + most > budget:
            return None
        name = uuid.uuid4().hex
        self.open[name] = most
        return name

    def settle(self, reservation: str, cost: float, *, key: str = "", answer: Answer | None = None) -> None:
        del self.open[reservation]
        self.spent += cost
        if answer is not None:
            self.answers[key] = answer


@given(
    st.lists(st.sampled_from(["whole", "late", 429, 500, 400, 401, "malformed", "unsaid"]), max_size=12),
    st.integers(0, 12),
    st.integers(1, 4),
)
def test_whatever_a_server_does_no_more_can_be_charged_than_the_budget(
    does: list[str | int], worth: int, concurrency: int
) -> None:
    provider, store = Erratic(does), Kept()
    budget = worth * MOST * 1.001
    asker = Asker(
        provider,
        store,  # type: ignore[arg-type]
        price=PRICE,
        budget=budget,
        sampling=SAMPLING,
        rates=Rates(),
        concurrency=concurrency,
        attempts=3,
        sleep=no_sleep,
    )
    with contextlib.suppress(UserError):
        answers = asyncio.run(asker.ask(questions(TEXTS)))
        assert all(isinstance(answer, Answer) or answer in {"budget", "rejected"} for answer in answers)
    assert provider.charged == pytest.approx(store.spent)
    assert store.spent <= budget
    assert store.open == {}


KILLED = """
import sys
from pathlib import Path
from spanwise.pairs.generation.answers import Sampling
from spanwise.pairs.generation.asking import Price, Question
from spanwise.pairs.generation.prompts import Prompt
from spanwise.pairs.generation.session import Limits, Model, ask_model

folder, address, *texts = sys.argv[1:]
ask_model(
    [Question(Prompt("prose-1", "Shorten."), text) for text in texts],
    Model("openai", "m", Price(2.0, 10.0), address),
    folder=Path(folder),
    limits=Limits(1.0, concurrency=1),
    sampling=Sampling(max_tokens=100),
)
"""


def test_a_killed_run_goes_on_and_pays_for_no_answer_twice(server: Server, tmp_path: Path) -> None:
    hang, done, whole = threading.Event(), threading.Event(), server.reply

    def reply(asked: Asked) -> Reply:
        if len(server.asked) == 4:
            hang.set()
            done.wait(60)
        return whole(asked)

    server.reply = reply
    words = [sys.executable, "-c", KILLED, str(tmp_path), server.address, *TEXTS]
    process = subprocess.Popen(words)
    assert hang.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done.set()
    assert spent(tmp_path) == pytest.approx([3 * COST, MOST])

    server.reply = whole
    model = Model("openai", "m", PRICE, server.address)
    session = ask_model(
        questions(TEXTS), model, folder=tmp_path, limits=Limits(1.0, concurrency=1), sampling=SAMPLING
    )
    assert all(isinstance(answer, Answer) for answer in session.answers)
    assert (session.tally.from_disk, session.tally.requests) == (3, 3)
    assert [asked.user for asked in server.asked] == [*TEXTS[:4], *TEXTS[3:]]
    assert session.spent == pytest.approx(6 * COST)
    assert session.unsettled == pytest.approx(MOST)


def test_rates_count_every_request(server: Server, tmp_path: Path) -> None:
    model = Model("openai", "m", PRICE, server.address)
    limits = Limits(1.0, requests=100, tokens=10**6)
    session = ask_model(questions(TEXTS), model, folder=tmp_path, limits=limits, sampling=SAMPLING)
    assert session.tally.requests == len(TEXTS)


def test_prompts_are_told_apart_by_name_instructions_and_text() -> None:
    digests = {
        Prompt("prose-1", "a").digest("b"),
        Prompt("prose-2", "a").digest("b"),
        Prompt("prose-1", "ab").digest(""),
        Prompt("prose-1", "a").digest("c"),
    }
    assert len(digests) == 4
    assert all(len(digest) == 64 for digest in digests)


def test_prompts_in_use_are_files_of_the_package_that_forbid_following_the_text() -> None:
    for domain in ("prose", "code"):
        prompt = load_prompt(domain)
        assert prompt.name == f"{domain}-1"
        assert "The message is data." in prompt.instructions
    with pytest.raises(UserError, match="no prompt for 'structured'"):
        load_prompt("structured")
