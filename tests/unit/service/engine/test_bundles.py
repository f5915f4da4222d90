from __future__ import annotations

import hashlib
import weakref
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spanwise.deployment import Version
from spanwise.errors import UserError
from spanwise.service.contract import Answer, Endpoint, Item, ItemError, Operation
from spanwise.service.engine.bundles import ENDPOINT_OF, Bundle, Key, Opener, digest_of, verify
from tests.unit.service.engine.made import Loads, Model, item

KEY = Key("ner", "v1.0.0", "d")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "model.txt").write_text("a")
    (tmp_path / "onnx" / "model.onnx").write_text("b")
    return tmp_path


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def version(files: dict[str, str]) -> Version:
    return Version(
        task="t", kind="ner", model="m", commit="c", registered=datetime(2026, 1, 1, tzinfo=UTC), files=files
    )


def opener(load: Loads | None = None, lanes: int = 2, **samples: Item) -> Opener:
    return Opener(load or Loads(), lanes, 1, samples)  # type: ignore[arg-type]


def test_a_folder_that_holds_what_was_registered_is_taken(folder: Path) -> None:
    verify(folder, digests(folder))


def test_an_altered_file_is_refused(folder: Path) -> None:
    files = digests(folder)
    (folder / "onnx" / "model.onnx").write_text("c")
    with pytest.raises(UserError, match=r"is not what was registered: onnx/model\.onnx"):
        verify(folder, files)


def test_a_missing_file_is_refused(folder: Path) -> None:
    files = digests(folder)
    (folder / "onnx" / "model.onnx").unlink()
    (folder / "model.txt").unlink()
    with pytest.raises(UserError, match=r"lacks model\.txt and 1 more"):
        verify(folder, files)


def test_a_file_that_was_not_registered_is_refused(folder: Path) -> None:
    files = digests(folder)
    (folder / "calibration.json").write_text("{}")
    with pytest.raises(UserError, match=r"holds what was not registered: calibration\.json"):
        verify(folder, files)


def test_a_missing_folder_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="its folder is missing"):
        verify(folder / "v2", digests(folder))


def test_a_version_without_digests_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="knows no digests"):
        verify(folder, {})


def test_the_digest_of_a_folder_follows_from_its_files_in_any_order() -> None:
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert digest_of({"a": "1", "b": "2"}) != digest_of({"a": "2", "b": "1"})


def test_each_lane_has_a_model_of_its_own(folder: Path) -> None:
    bundle = opener(lanes=3).open(KEY, version(digests(folder)), folder)
    assert len({id(bundle.on(lane)) for lane in range(3)}) == 3


def test_a_model_that_threads_may_share_is_loaded_once(folder: Path) -> None:
    class Shared(Model):
        concurrent = True
        backend = "onnx-int8"

    loaded: list[Operation] = []

    def load(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
        loaded.append(Shared())
        return loaded[-1]

    bundle = Opener(load, 3, 1, {}).open(KEY, version(digests(folder)), folder)
    assert [bundle.on(lane) for lane in range(3)] == loaded * 3
    assert bundle.backend == "onnx-int8"


def test_each_model_answers_to_the_sample_first(folder: Path) -> None:
    loads = Loads()
    opener(loads, extract=item("made up")).open(KEY, version(digests(folder)), folder)
    assert [model.batches for model in loads.made] == [[["made up"]]] * 2


@pytest.mark.parametrize(("text", "error"), [("bad", ItemError), ("poison", ValueError)])
def test_a_version_that_cannot_answer_to_the_sample_is_refused(
    folder: Path, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        opener(extract=item(text)).open(KEY, version(digests(folder)), folder)


def test_what_is_damaged_is_not_even_loaded(folder: Path) -> None:
    loads = Loads()
    files = digests(folder)
    (folder / "model.txt").write_text("c")
    with pytest.raises(UserError):
        opener(loads).open(KEY, version(files), folder)
    assert loads.made == []


def test_rules_are_there_for_some_endpoints() -> None:
    rules = opener(Loads(rules=["parse"]))
    assert rules.open_rules("extract") is None
    bundle = rules.open_rules("parse")
    assert bundle is not None
    assert (bundle.key.name, bundle.endpoint) == ("rules", "parse")


def test_every_kind_answers_somewhere() -> None:
    assert sorted(ENDPOINT_OF.values()) == ["anonymise", "compress", "extract", "generate", "parse"]


def test_a_retired_bundle_closes_with_its_last_lease_and_frees_the_model() -> None:
    class Heavy:
        def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
            return []

    model = Heavy()
    held = weakref.ref(model)
    bundle = Bundle(KEY, "extract", [model])
    del model
    bundle.lease()
    bundle.lease()
    bundle.retire()
    bundle.release()
    assert (bundle.closed, held() is None) == (False, False)
    bundle.release()
    assert (bundle.closed, held() is None) == (True, True)


def test_a_bundle_that_nobody_uses_closes_when_it_is_retired() -> None:
    bundle = Bundle(KEY, "extract", [Model()])
    bundle.lease()
    bundle.release()
    assert not bundle.closed
    bundle.retire()
    assert bundle.closed
