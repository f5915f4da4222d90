from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from spanwise import __version__
from spanwise.deployment import REGISTRY
from spanwise.errors import UserError
from spanwise.service.contract import (
    DeadlineError,
    DrainingError,
    ItemError,
    ModelState,
    NoModelError,
    NoVersionError,
    QueueFullError,
    Served,
    ServiceError,
)
from spanwise.service.engine import Engine
from tests.unit.service.engine.made import (
    PATIENCE_S,
    Loads,
    Model,
    Registry,
    Watcher,
    ask,
    item,
    running,
    said,
    states,
    until,
)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """One model in two versions, of which the first is in production."""
    registry = Registry(tmp_path)
    registry.add("ner", "v1.0.0", "v1.1.0")
    registry.put("ner", prod="v1.0.0")
    return registry


def told(engine: Engine) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return states(engine.models())


def state(engine: Engine, version: str) -> ModelState:
    (found,) = [each for each in engine.models() if each.version == version]
    return found


def at(engine: Engine, version: str, state: str) -> bool:
    """Whether a version is that far."""
    return any((each.version, each.state) == (version, state) for each in engine.models())


async def shut(model: Model, engine: Engine, *texts: str, **wanted: Any) -> asyncio.Task[Any]:
    """A request that a model has begun, and goes on with once its gate is opened."""
    model.gate.clear()
    task = asyncio.create_task(ask(engine, *texts, **wanted))
    await until(lambda: list(texts) in model.batches)
    return task


def test_documents_are_answered_by_the_version_in_production(registry: Registry) -> None:
    async def main() -> None:
        watcher = Watcher()
        async with running(registry.folder, observer=watcher) as engine:
            found = await ask(engine, "a", "bad", "b")
            first, second, third = found
            assert isinstance(first, Served)
            assert isinstance(third, Served)
            assert (first.model, first.version, first.fallback, first.cached) == (
                "ner",
                "v1.0.0",
                False,
                False,
            )
            assert (first.batch, third.answer.value["text"]) == (3, "B")
            assert isinstance(second, ItemError)
            assert watcher.served == [first, third]
            assert await ask(engine) == []

    asyncio.run(main())


def test_stages_numbers_and_names_can_be_asked_for(registry: Registry) -> None:
    registry.put("ner", staging="v1.1.0")

    async def main() -> None:
        async with running(registry.folder) as engine:
            for asked, found in {
                None: "ner v1.0.0",
                "prod": "ner v1.0.0",
                "staging": "ner v1.1.0",
                "v1.1.0": "ner v1.1.0",
                "ner": "ner v1.0.0",
                "ner@v1.1.0": "ner v1.1.0",
            }.items():
                assert said(await ask(engine, "a", version=asked)) == [found]
            with pytest.raises(NoVersionError):
                await ask(engine, "a", version="v9.0.0")

    asyncio.run(main())


def test_where_no_model_is_deployed_rules_stand_in_and_say_so(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            (served,) = await ask(engine, "a", endpoint="parse")
            assert isinstance(served, Served)
            assert (served.model, served.version, served.fallback) == ("rules", __version__, True)
            (asked,) = await ask(engine, "a", endpoint="parse", version="rules")
            assert isinstance(asked, Served)
            assert not asked.fallback
            with pytest.raises(NoVersionError):
                await ask(engine, "a", endpoint="parse", version="v1.0.0")
            with pytest.raises(NoModelError):
                await ask(engine, "a", endpoint="generate")
            with pytest.raises(NoVersionError):
                await ask(engine, "a", version="rules")

    asyncio.run(main())


def test_a_model_takes_the_place_of_rules(registry: Registry) -> None:
    registry.add("cv", "v0.1.0", kind="resume")
    registry.put("cv", prod="v0.1.0")

    async def main() -> None:
        async with running(registry.folder) as engine:
            assert said(await ask(engine, "a", endpoint="parse")) == ["cv v0.1.0"]
            assert said(await ask(engine, "a", endpoint="parse", version="rules")) == ["rules"]
            registry.put("cv", prod=None)
            await engine.reload()
            assert said(await ask(engine, "a", endpoint="parse")) == ["rules"]

    asyncio.run(main())


def test_without_a_registry_there_are_rules_alone() -> None:
    async def main() -> None:
        async with running() as engine:
            assert engine.ready
            assert said(await ask(engine, "a", endpoint="anonymise")) == ["rules"]
            with pytest.raises(NoModelError):
                await ask(engine, "a")
            found = await engine.reload()
            assert [(each.name, each.endpoint, each.state) for each in found] == [
                ("rules", "parse", "ready"),
                ("rules", "anonymise", "ready"),
            ]

    asyncio.run(main())


def test_an_engine_that_was_not_started_is_not_ready_and_answers_nothing(registry: Registry) -> None:
    async def main() -> None:
        engine = Engine(
            registry.folder, load=Loads(), lanes=1, threads=1, queue=1, window_s=0, max_batch=1,
            cache_bytes=0, observer=Watcher(),
        )  # fmt: skip
        assert not engine.ready
        with pytest.raises(NoModelError):
            await ask(engine, "a", endpoint="parse")
        await engine.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "content", [None, "{", '{"models": {"ner": {"versions": {}, "stages": {"prod": "v1.0.0"}}}}']
)
def test_without_a_whole_registry_it_does_not_start(registry: Registry, content: str | None) -> None:
    path = registry.folder / REGISTRY
    path.unlink() if content is None else path.write_text(content)

    async def main() -> None:
        with pytest.raises(UserError, match=r"registry"):
            async with running(registry.folder):
                pass

    asyncio.run(main())


def test_a_promotion_takes_effect_at_once_and_for_new_requests_alone(registry: Registry) -> None:
    async def main() -> None:
        watcher, loads = Watcher(), Loads()
        async with running(registry.folder, observer=watcher, load=loads, lanes=2) as engine:
            begun = await shut(loads.made[1], engine, "a")
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            assert said(await ask(engine, "c", "d")) == ["ner v1.1.0"] * 2
            loads.made[1].gate.set()
            assert said(await begun) == ["ner v1.0.0"]
            assert watcher.swaps == [("ner", "v1.1.0")]
            assert told(engine) == [
                ("ner", "v1.0.0", "ready", ()),  # for a rollback
                ("ner", "v1.1.0", "ready", ("prod",)),
            ]

    asyncio.run(main())


def test_what_waited_before_a_swap_is_answered_by_the_version_it_came_for(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            first = await shut(loads.made[0], engine, "a")
            second = asyncio.create_task(ask(engine, "b", "c"))
            await until(lambda: engine.depth()["extract"] == 2)
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            third = asyncio.create_task(ask(engine, "d"))
            await until(lambda: engine.depth()["extract"] == 3)
            loads.made[0].gate.set()
            found = [said(await each) for each in (first, second, third)]
            assert found == [["ner v1.0.0"], ["ner v1.0.0"] * 2, ["ner v1.1.0"]]

    asyncio.run(main())


def test_a_rollback_loads_nothing(registry: Registry) -> None:
    async def main() -> None:
        loads, watcher = Loads(), Watcher()
        async with running(registry.folder, load=loads, observer=watcher) as engine:
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            loads.gate.clear()  # nothing can be loaded any more
            for version in ("v1.0.0", "v1.1.0", "v1.0.0"):
                registry.put("ner", prod=version)
                await engine.reload()
                assert said(await ask(engine, "a")) == [f"ner {version}"]
            assert loads.names == ["ner v1.0.0", "ner v1.1.0"]
            assert watcher.swaps == [
                ("ner", "v1.1.0"),
                ("ner", "v1.0.0"),
                ("ner", "v1.1.0"),
                ("ner", "v1.0.0"),
            ]

    asyncio.run(main())


def test_a_rollback_does_not_wait_for_what_is_being_loaded(registry: Registry) -> None:
    registry.add("ner", "v1.2.0")

    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            loads.gate.clear()
            registry.put("ner", prod="v1.2.0")
            loading = asyncio.create_task(engine.reload())
            await until(lambda: ("ner", "v1.2.0", "loading", ("prod",)) in told(engine))
            assert said(await ask(engine, "a")) == ["ner v1.1.0"]
            registry.put("ner", prod="v1.0.0")
            rollback = asyncio.create_task(engine.reload())
            await until(lambda: state(engine, "v1.0.0").stages == ("prod",))
            assert said(await ask(engine, "a")) == ["ner v1.0.0"]
            loads.gate.set()
            await asyncio.gather(loading, rollback)
            assert said(await ask(engine, "a")) == ["ner v1.0.0"]
            assert told(engine) == [
                ("ner", "v1.0.0", "ready", ("prod",)),
                ("ner", "v1.1.0", "ready", ()),
            ]

    asyncio.run(main())


def test_a_version_that_nobody_wants_by_its_turn_is_not_loaded(registry: Registry) -> None:
    registry.add("ner", "v1.2.0", "v1.3.0")

    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            loads.gate.clear()
            waiting = []
            for version in ("v1.1.0", "v1.2.0", "v1.3.0"):
                registry.put("ner", prod=version)
                waiting.append(asyncio.create_task(engine.reload()))
                await until(lambda: at(engine, version, "loading"))  # noqa: B023
            loads.gate.set()
            await asyncio.gather(*waiting)
            assert loads.names == ["ner v1.0.0", "ner v1.1.0", "ner v1.3.0"]
            assert said(await ask(engine, "a")) == ["ner v1.3.0"]

    asyncio.run(main())


def test_a_version_that_leaves_the_registry_while_it_is_loaded_is_let_go(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            loads.gate.clear()
            registry.put("ner", prod="v1.1.0")
            first = asyncio.create_task(engine.reload())
            await until(lambda: at(engine, "v1.1.0", "loading"))
            registry.put("ner", prod="v1.0.0")
            del registry.models["ner"].versions["v1.1.0"]
            registry.write()
            second = asyncio.create_task(engine.reload())
            await until(lambda: told(engine) == [("ner", "v1.0.0", "ready", ("prod",))])
            loads.gate.set()
            await asyncio.gather(first, second)
            assert told(engine) == [("ner", "v1.0.0", "ready", ("prod",))]

    asyncio.run(main())


def test_twenty_swaps_under_load_fail_nothing_and_mix_nothing(registry: Registry) -> None:
    versions = [f"v2.{number}.0" for number in range(20)]
    registry.add("ner", *versions)

    async def main() -> None:
        found: list[list[Served | ServiceError]] = []
        swapping = True
        watcher = Watcher()
        async with running(
            registry.folder, lanes=2, max_batch=4, observer=watcher, cache_bytes=10_000
        ) as engine:

            async def client(number: int) -> None:
                while swapping:
                    texts = [f"{number}-{count}" for count in range(len(found), len(found) + 3)]
                    found.append(await ask(engine, *texts))

            clients = [asyncio.create_task(client(number)) for number in range(8)]
            for version in versions:
                before = len(found)
                registry.put("ner", prod=version)
                await engine.reload()
                await until(lambda: len(found) > before + 8)  # noqa: B023
            swapping = False
            await asyncio.gather(*clients)
            assert [version for _, version in watcher.swaps] == versions
        answers = [each for request in found for each in request]
        assert all(isinstance(each, Served) for each in answers)
        for request in found:
            served = [each for each in request if isinstance(each, Served)]
            assert len({each.version for each in served}) == 1
            assert all(each.answer.value["by"] == f"ner {each.version}" for each in served)
        assert {each.version for each in answers if isinstance(each, Served)} == {"v1.0.0", *versions}

    asyncio.run(main())


def test_a_version_that_nobody_needs_is_freed_once_its_last_request_is_answered(registry: Registry) -> None:
    registry.add("ner", "v1.2.0")

    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            begun = await shut(loads.made[0], engine, "a")
            gate, old = loads.made[0].gate, weakref.ref(loads.made[0])
            loads.made.clear()
            for version in ("v1.1.0", "v1.2.0"):
                registry.put("ner", prod=version)
                await engine.reload()
            assert ("ner", "v1.0.0", "retiring", ()) in told(engine)
            with pytest.raises(NoVersionError):
                await ask(engine, "b", version="v1.0.0")
            gate.set()
            assert said(await begun) == ["ner v1.0.0"]
            assert told(engine) == [
                ("ner", "v1.1.0", "ready", ()),
                ("ner", "v1.2.0", "ready", ("prod",)),
            ]
            await ask(engine, "c")  # whatever the lane held of its last batch
            gc.collect()
            assert old() is None

    asyncio.run(main())


def test_versions_can_be_kept_wherever_they_stand(registry: Registry) -> None:
    registry.add("ner", "v1.2.0")

    async def main() -> None:
        async with running(registry.folder, keep=["ner@v1.1.0", "ner@v9.0.0"]) as engine:
            assert said(await ask(engine, "a", version="v1.1.0")) == ["ner v1.1.0"]
            for version in ("v1.1.0", "v1.2.0", "v1.0.0"):
                registry.put("ner", prod=version)
                await engine.reload()
            assert said(await ask(engine, "a", version="v1.1.0")) == ["ner v1.1.0"]

    asyncio.run(main())


@pytest.mark.parametrize("change", ["deprecated", "gone", "registered anew"])
def test_the_version_before_is_no_longer_kept_once_it_may_not_come_back(
    registry: Registry, change: str
) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            if change == "deprecated":
                registry.alter("ner", "v1.0.0", deprecated=True)
            elif change == "gone":
                del registry.models["ner"].versions["v1.0.0"]
                registry.write()
            else:
                registry.add("ner", "v1.0.0", says="another")
                registry.write()
            await engine.reload()
            assert told(engine) == [("ner", "v1.1.0", "ready", ("prod",))]

    asyncio.run(main())


def test_a_version_that_was_registered_anew_is_loaded_anew(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            registry.add("ner", "v1.0.0", says="another")
            registry.write()
            await engine.reload()
            assert said(await ask(engine, "a")) == ["another"]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "is not what was registered: model.txt"),
        ("unloadable", "its weights are damaged"),
        ("crashing", "RuntimeError"),
    ],
)
def test_a_version_that_cannot_be_loaded_leaves_the_old_one_serving(
    registry: Registry, content: str | None, reason: str
) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            if content:
                registry.add("ner", "v1.1.0", says=content)
            else:
                (registry.folder / "ner" / "v1.1.0" / "model.txt").write_text("damaged")
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            assert said(await ask(engine, "a")) == ["ner v1.0.0"]
            assert told(engine) == [
                ("ner", "v1.0.0", "ready", ("prod",)),
                ("ner", "v1.1.0", "failed", ("prod",)),
            ]
            assert state(engine, "v1.1.0").reason == reason
            assert engine.ready

    asyncio.run(main())


def test_what_failed_is_tried_again_when_it_is_asked_for(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            file = registry.folder / "ner" / "v1.1.0" / "model.txt"
            content = file.read_text()
            file.write_text("damaged")
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            file.write_text(content)
            await engine.reload()
            assert said(await ask(engine, "a")) == ["ner v1.1.0"]
            assert state(engine, "v1.1.0").reason == ""

    asyncio.run(main())


def test_it_is_not_ready_until_all_of_production_was_loaded_once(registry: Registry) -> None:
    file = registry.folder / "ner" / "v1.0.0" / "model.txt"
    content = file.read_text()
    file.write_text("damaged")

    async def main() -> None:
        async with running(registry.folder) as engine:
            assert not engine.ready
            with pytest.raises(NoModelError):
                await ask(engine, "a")
            file.write_text(content)
            await engine.reload()
            assert engine.ready

    asyncio.run(main())


def test_a_version_must_answer_to_the_sample_before_it_serves(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder, samples={"extract": item("poison")}) as engine:
            assert state(engine, "v1.0.0").reason == "ValueError"
            assert not engine.ready

    asyncio.run(main())


def test_what_models_are_told_of(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder) as engine:
            found = state(engine, "v1.0.0")
            assert (found.endpoint, found.metrics, len(found.digest)) == ("extract", {"f1": 0.5}, 64)

    asyncio.run(main())


def test_the_registry_is_watched(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder, watch_s=0.005) as engine:
            registry.put("ner", prod="v1.1.0")
            await until(lambda: state(engine, "v1.0.0").stages == ())
            assert said(await ask(engine, "a")) == ["ner v1.1.0"]
            registry.put("ner", prod="v1.0.0")
            await until(lambda: state(engine, "v1.0.0").stages == ("prod",))

    asyncio.run(main())


def test_a_damaged_registry_changes_nothing_and_is_told(registry: Registry) -> None:
    async def main() -> None:
        async with running(registry.folder, watch_s=0.005) as engine:
            before = told(engine)
            (registry.folder / REGISTRY).write_text('{"models": {"ner": ')
            await until(lambda: engine.registry_error)
            assert engine.registry_error.startswith("not a valid Deployment")
            (registry.folder / REGISTRY).unlink()
            await until(lambda: engine.registry_error == "holds no registry")
            assert states(await engine.reload()) == before
            assert said(await ask(engine, "a")) == ["ner v1.0.0"]
            assert engine.ready
            registry.put("ner", prod="v1.1.0")
            await until(lambda: engine.registry_error == "")
            await until(lambda: at(engine, "v1.1.0", "ready"))
            assert said(await ask(engine, "a")) == ["ner v1.1.0"]

    asyncio.run(main())


def test_more_than_the_queue_holds_is_refused_and_what_was_accepted_is_answered(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, queue=4) as engine:
            tasks = [await shut(loads.made[0], engine, "a")]
            tasks += [asyncio.create_task(ask(engine, "b", "c")) for _ in range(2)]
            await until(lambda: engine.depth()["extract"] == 4)
            for _ in range(50):
                with pytest.raises(QueueFullError) as refused:
                    await ask(engine, "d")
                assert refused.value.retry_after > 0
            assert said(await ask(engine, "e", endpoint="parse", deadline_s=0.01)) == [
                "the answer would come later than it is waited for"
            ]
            loads.made[0].gate.set()
            assert [len(said(await task)) for task in tasks] == [1, 2, 2]
            assert said(await ask(engine, "d")) == ["ner v1.0.0"]

    asyncio.run(main())


def test_whatever_is_not_answered_by_the_deadline_is_told_so(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            begun = await shut(loads.made[0], engine, "a", deadline_s=0.01)
            late = await ask(engine, "b", "c", deadline_s=0.01)
            assert [type(each) for each in (*await begun, *late)] == [DeadlineError] * 3
            assert engine.depth()["extract"] == 0
            loads.made[0].gate.set()
            assert said(await ask(engine, "d")) == ["ner v1.0.0"]
            assert loads.made[0].batches == [["a"], ["d"]]

    asyncio.run(main())


def test_what_a_client_that_is_gone_asked_for_is_not_computed(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            begun = await shut(loads.made[0], engine, "a")
            gone = asyncio.create_task(ask(engine, "b", "c"))
            await until(lambda: engine.depth()["extract"] == 2)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            assert engine.depth()["extract"] == 0
            loads.made[0].gate.set()
            assert said(await begun) == ["ner v1.0.0"]
            await engine.drain(PATIENCE_S)
            assert loads.made[0].batches == [["a"]]

    asyncio.run(main())


def test_drain_takes_nothing_new_and_loses_nothing_that_was_accepted(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, max_batch=2) as engine:
            tasks = [await shut(loads.made[0], engine, "a")]
            tasks += [asyncio.create_task(ask(engine, "b", "c")) for _ in range(5)]
            await until(lambda: engine.depth()["extract"] == 10)
            draining = asyncio.create_task(engine.drain(PATIENCE_S))
            await asyncio.sleep(0)
            assert not engine.ready
            with pytest.raises(DrainingError):
                await ask(engine, "d")
            loads.made[0].gate.set()
            await draining
            assert all(task.done() for task in tasks)
            found = [said(await task) for task in tasks]
            assert found == [["ner v1.0.0"], *([["ner v1.0.0"] * 2] * 5)]

    asyncio.run(main())


def test_drain_ends_after_its_time_and_close_tells_those_that_wait(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            begun = await shut(loads.made[0], engine, "a")
            await engine.drain(0.01)
            assert not begun.done()
            await engine.close()
            assert [type(each) for each in await begun] == [DrainingError]
            loads.made[0].gate.set()

    asyncio.run(main())


def test_it_closes_while_a_version_is_loaded(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads) as engine:
            loads.gate.clear()
            registry.put("ner", prod="v1.1.0")
            reloading = asyncio.create_task(engine.reload())
            await until(lambda: at(engine, "v1.1.0", "loading"))
            await engine.close()
            await reloading
            loads.gate.set()

    asyncio.run(main())


def test_a_document_that_comes_again_is_answered_from_the_cache(registry: Registry) -> None:
    async def main() -> None:
        loads, watcher = Loads(), Watcher()
        async with running(registry.folder, load=loads, observer=watcher, cache_bytes=100_000) as engine:
            (first,) = await ask(engine, "a")
            second, _ = await ask(engine, "a", "b")
            assert isinstance(first, Served)
            assert isinstance(second, Served)
            assert first.answer == second.answer
            assert [(each.cached, each.batch) for each in (first, second)] == [(False, 1), (True, 0)]
            assert watcher.looks == [False, True, False]
            assert loads.made[0].batches == [["a"], ["b"]]
            registry.put("ner", prod="v1.1.0")
            await engine.reload()
            assert said(await ask(engine, "a")) == ["ner v1.1.0"]

    asyncio.run(main())


def test_what_failed_is_not_kept(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, cache_bytes=100_000) as engine:
            await ask(engine, "bad")
            await ask(engine, "bad")
            assert loads.made[0].batches == [["bad"], ["bad"]]

    asyncio.run(main())


def test_what_is_kept_is_answered_however_much_waits(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, cache_bytes=100_000, queue=1) as engine:
            await ask(engine, "a")
            tasks = [await shut(loads.made[0], engine, "b"), asyncio.create_task(ask(engine, "c"))]
            await until(lambda: engine.depth()["extract"] == 1)
            assert said(await ask(engine, "a")) == ["ner v1.0.0"]
            with pytest.raises(QueueFullError):
                await ask(engine, "a", "d")
            loads.made[0].gate.set()
            await asyncio.gather(*tasks)

    asyncio.run(main())


def test_what_several_ask_for_at_once_is_computed_once(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, cache_bytes=100_000) as engine:
            busy = await shut(loads.made[0], engine, "first")
            tasks = [asyncio.create_task(ask(engine, "a", "a")) for _ in range(4)]
            await until(lambda: engine.depth()["extract"] == 1)
            tasks[0].cancel()  # it is the one that asked first; the others wait on
            await asyncio.sleep(0)
            loads.made[0].gate.set()
            await busy
            assert [said(await task) for task in tasks[1:]] == [["ner v1.0.0"] * 2] * 3
            assert loads.made[0].batches == [["first"], ["a"]]

    asyncio.run(main())


def test_what_everyone_has_left_is_computed_anew_for_whoever_comes_next(registry: Registry) -> None:
    async def main() -> None:
        loads = Loads()
        async with running(registry.folder, load=loads, lanes=2, cache_bytes=100_000) as engine:
            first, second = loads.made
            tasks = [await shut(second, engine, "x"), await shut(first, engine, "y")]
            left = asyncio.create_task(ask(engine, "a", deadline_s=0.01))
            assert [type(each) for each in await left] == [DeadlineError]
            again = asyncio.create_task(ask(engine, "a"))
            await until(lambda: engine.depth()["extract"] == 1)
            first.gate.set()
            second.gate.set()
            assert said(await again) == ["ner v1.0.0"]
            await asyncio.gather(*tasks)

    asyncio.run(main())
