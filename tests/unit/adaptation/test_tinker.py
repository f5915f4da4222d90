"""The contract with Tinker's package, held against a stand-in for its service on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from spanwise.adaptation.course import Lora, train
from spanwise.adaptation.masking import labels, mask
from spanwise.adaptation.tinker import KEY, TinkerBackend, is_stub
from spanwise.encoding import IGNORED
from spanwise.errors import UserError
from tests.extras import needs
from tests.unit.adaptation.examples import GOLDEN, rows
from tests.unit.adaptation.service import CHANCE, Service, serving

stubbed = needs("tinker")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, str]]:
    monkeypatch.setenv(KEY, "tml-made-up")
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    made = Service()
    with serving(made) as url:
        yield made, url


@stubbed
def test_the_service_is_sent_the_loss_tokens_that_trl_has(
    service: tuple[Service, str], tmp_path: Path
) -> None:
    made, url = service
    examples = mask(rows())
    backend = TinkerBackend("some/model", Lora(targets=("q_proj",)), name="made", base_url=url)
    report = train(backend, examples, tmp_path, epochs=1, batch_size=5, seed=1)
    by_trl = [
        [(place, label) for place, label in enumerate(labels(masked)) if place and label != IGNORED]
        for masked in examples
    ]
    assert sorted(made.learnt) == sorted(by_trl)
    assert report.steps == 3
    assert report.losses[0] == pytest.approx(-CHANCE)


@stubbed
def test_every_report_of_a_stub_says_so(service: tuple[Service, str], tmp_path: Path) -> None:
    _, url = service
    backend = TinkerBackend("some/model", Lora(), name="made", base_url=url)
    report = train(backend, GOLDEN, tmp_path, epochs=1, batch_size=5, seed=1)
    assert report.stub
    for name in ("backend.json", "tinker.json"):
        assert json.loads((tmp_path / name).read_text())["stub"] is True
    stored = json.loads((tmp_path / "tinker.json").read_text())
    assert stored["sampler"] == "tinker://s:train:0/sampler_weights/made"


@stubbed
def test_what_differs_from_peft_is_set(service: tuple[Service, str], tmp_path: Path) -> None:
    made, url = service
    lora = Lora(rank=4, targets=("q_proj",), learning_rate=0.25)
    backend = TinkerBackend("some/model", lora, name="made", base_url=url)
    backend.step(GOLDEN)
    asked = dict(made.asked)
    config = asked["create_model"]["lora_config"]
    assert (config["rank"], config["train_attn"], config["train_mlp"], config["train_unembed"]) == (
        4,
        True,
        False,
        False,
    )
    adam = asked["optim_step"]["adam_params"]
    assert (adam["learning_rate"], adam["beta2"], adam["eps"]) == (0.25, 0.999, 1e-8)


@stubbed
def test_a_refusal_is_told_without_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "tml-made-up")
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    with (
        serving(Service(refuse=("create_model",))) as url,
        pytest.raises(UserError, match="Tinker failed") as caught,
    ):
        TinkerBackend("some/model", Lora(), name="made", base_url=url)
    assert "tml-" not in str(caught.value)


@stubbed
def test_a_missing_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(UserError, match=KEY):
        TinkerBackend("some/model", Lora(), name="made")


@pytest.mark.parametrize(
    ("url", "stub"),
    [
        (None, False),
        ("https://tinker.example/services", False),
        ("http://127.0.0.1:80", True),
        ("http://[::1]:80", True),
        ("http://localhost", True),
    ],
)
def test_a_service_on_this_machine_is_a_stub(url: str | None, stub: bool) -> None:
    assert is_stub(url) is stub
