"""Two versions of a real network, in ONNX Runtime, under one engine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from spanwise.deployment import Deployment, Registered, Version, write_deployment
from spanwise.errors import UserError
from spanwise.learners.tagger import Tagger
from spanwise.runtime.export import export
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels
from spanwise.service.contract import Answer, Endpoint, Item, Operation, Served
from tests.tiny import TINY
from tests.unit.service.engine.made import item, running

BACKEND = "onnx-int8"
VERSIONS = ("v1.0.0", "v1.1.0")
TEXTS = [f"Patient {number} had a rash and took aspirin. " * (1 + number % 5) for number in range(24)]


class Tagging:
    """What the tagger finds, with its confidence to the last bit. Threads may share its session."""

    concurrent = True
    backend = BACKEND

    def __init__(self, folder: Path) -> None:
        self.predictor = Predictor.load(folder, backend=BACKEND, threads=1)

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        return [Answer({"spans": found}) for found in self.spans(each.text for each in items)]

    def spans(self, texts: Iterable[str]) -> list[list[list[object]]]:
        examples = [Example(id="d", text=text, target=(), group="d") for text in texts]
        return [
            [[span.start, span.end, span.label, span.confidence.minimum] for span in prediction.predicted]
            for prediction in self.predictor(examples)
        ]


def load(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
    if folder is None:
        raise UserError("no rules")
    return Tagging(folder)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Path:
    """Two versions that find different spans: their weights were drawn with different seeds."""
    folder = tmp_path_factory.mktemp("deployed")
    found = {}
    for seed, version in enumerate(VERSIONS):
        place = folder / "ner" / version
        tagger = Tagger.pretrained(labels, **TINY, seed=seed)
        with torch.no_grad():
            for name, weight in tagger.network.named_parameters():
                if "classifier" in name:
                    weight.normal_(generator=torch.Generator().manual_seed(seed))
        tagger.save(place)
        export(tagger.network, place)
        files = [path for path in place.rglob("*") if path.is_file()]
        digests = {
            path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }
        found[version] = Version(
            task="ner",
            kind="ner",
            model="tiny",
            commit="0" * 40,
            registered=datetime(2026, 1, 1, tzinfo=UTC),
            files=digests,
        )
    stages = {"prod": VERSIONS[0], "staging": VERSIONS[1]}
    registered = Registered.model_validate({"versions": found, "stages": stages})
    write_deployment(folder, Deployment(models={"ner": registered}))
    return folder


def test_versions_answer_as_their_networks_alone_do_however_documents_meet(deployed: Path) -> None:
    """Two lanes, batches as they come, and both versions at once."""
    expected = {version: Tagging(deployed / "ner" / version).spans(TEXTS) for version in VERSIONS}
    assert expected[VERSIONS[0]] != expected[VERSIONS[1]]

    async def main() -> None:
        async with running(deployed, load=load, lanes=2, max_batch=3) as engine:
            assert engine.ready
            assert {each.backend for each in engine.models()} == {BACKEND}
            asked = [(number, version) for number in range(len(TEXTS)) for version in VERSIONS]
            requests = [
                engine.run("extract", [item(TEXTS[number])], version=version, deadline_s=60)
                for number, version in asked
            ]
            answers = await asyncio.gather(*requests)
        for (number, version), (served,) in zip(asked, answers, strict=True):
            assert isinstance(served, Served)
            assert served.version == version
            assert served.answer.value == {"spans": expected[version][number]}

    asyncio.run(main())


def test_a_graph_that_was_altered_is_not_served(deployed: Path) -> None:
    graph = deployed / "ner" / VERSIONS[1] / "onnx" / "model.int8.onnx"
    content = graph.read_bytes()

    async def main() -> None:
        graph.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        async with running(deployed, load=load) as engine:
            states = {each.version: (each.state, each.reason) for each in engine.models()}
            assert states == {
                VERSIONS[0]: ("ready", ""),
                VERSIONS[1]: ("failed", "is not what was registered: onnx/model.int8.onnx"),
            }

    try:
        asyncio.run(main())
    finally:
        graph.write_bytes(content)
