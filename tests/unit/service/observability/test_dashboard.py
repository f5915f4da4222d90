"""What `deploy/grafana/` asks for is what a service exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.service.contract import Answer, Served
from spanwise.service.http.problems import KINDS
from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.snapshot import Snapshot

NAME = re.compile(r"\bspanwise_[a-z_]+")
OF_PROMETHEUS = {"job", "le"}  # labels that a service does not write itself, or only in histograms


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """The labels of each series, once everything has happened."""
    metrics = Metrics()
    metrics.answered(Served(Answer({}, ("Drug",), (0.9,)), "ner", "v1.0.0"))
    metrics.request("extract", "POST", 503, 0.1, "", code="overloaded", key="ward-7")
    metrics.queued("extract", 1)
    metrics.batched("extract", 1, 0.1)
    metrics.looked_up("extract", hit=True)
    metrics.swapped("ner", "v1.0.0", 0.1)
    text = metrics.render().decode()
    assert Snapshot.parse(text).sums("spanwise_build_info")
    samples = re.findall(r"^(spanwise_\w+)(?:\{(.*)\})? ", text, flags=re.MULTILINE)
    found: dict[str, set[str]] = {}
    for name, labels in samples:
        found.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    return found


def expressions(value: Any) -> Iterator[str]:
    """Every query in a dashboard or in rules, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"expr", "query", "definition"} and isinstance(inner, str):
                yield inner
            else:
                yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


@pytest.fixture(scope="module", params=["spanwise.json", "alerts.yaml"])
def queries(request: pytest.FixtureRequest, root: Path) -> list[str]:
    text = (root / "deploy" / "grafana" / request.param).read_text()
    return list(expressions(json.loads(text) if request.param.endswith(".json") else yaml.safe_load(text)))


def test_each_metric_that_is_asked_for_is_exported(queries: list[str], exported: dict[str, set[str]]) -> None:
    asked = {name for query in queries for name in NAME.findall(query)}
    assert len(asked) >= 5
    assert asked <= exported.keys()


def test_each_label_that_is_asked_for_is_exported(queries: list[str], exported: dict[str, set[str]]) -> None:
    for query in queries:
        known = OF_PROMETHEUS.union(*(exported[name] for name in NAME.findall(query)))
        filtered = {
            label for inner in re.findall(r"\{(.*?)\}", query) for label in re.findall(r"(\w+)!?=", inner)
        }
        grouped = {
            label.strip()
            for inner in re.findall(r"(?:by|on|ignoring) ?\((.*?)\)", query)
            for label in inner.split(",")
        }
        assert filtered | grouped <= known


def test_each_metric_is_on_the_dashboard(root: Path, exported: dict[str, set[str]]) -> None:
    text = (root / "deploy" / "grafana" / "spanwise.json").read_text()
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported}
    assert [name for name in sorted(families) if name not in text] == []


def test_alerts_name_codes_that_exist_and_say_what_to_do(root: Path) -> None:
    groups = yaml.safe_load((root / "deploy" / "grafana" / "alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        assert rule["annotations"].keys() == {"summary", "action"}
        for codes in re.findall(r'code=~?"([^"]+)"', rule["expr"]):
            assert set(codes.split("|")) <= KINDS.keys()
    assert len({rule["alert"] for rule in rules}) == len(rules)


def test_panels_do_not_overlap(root: Path) -> None:
    board = json.loads((root / "deploy" / "grafana" / "spanwise.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
