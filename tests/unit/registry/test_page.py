"""The page of the registry, from a real repository and from ledgers made up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from spanwise.registry.describing import describing
from spanwise.registry.gates import Gates
from spanwise.registry.ledger import Event, Ledger, read_ledger
from spanwise.registry.page import Row, draw_versions, write_page
from spanwise.registry.promotion import promote
from spanwise.registry.rollback import deprecate
from spanwise.registry.tagging import tag_version
from tests.unit.registry.worlds import DRAWING, World

FIGURES = {"f1": 0.7, "f1_low": 0.6, "f1_high": 0.8}


def registered(version: str = "v1.0.0", message: str = "") -> Event:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Event("registered", "ner", version, None, "c" * 40, at, "Ada", message, f"ner@{version}")


def test_a_page_tells_versions_stages_figures_and_what_happened(world: World, tmp_path: Path) -> None:
    for what, version in {"first": "v1.0.0", "better": "v1.1.0", "worse": "v1.2.0"}.items():
        tag_version(world.root, "ner", version, world.commits[what], f"{what} of them", push=False)
    promote(world.root, "ner", "v1.1.0", "prod", gates=Gates(), drawing=DRAWING, message="it is better")
    deprecate(world.root, "ner", "v1.2.0", "it is worse")
    world.git("tag", "-a", "Bad_Name@v1.0.0", "-m", "")
    ledger = read_ledger(world.root)
    for name in ("one.html", "two.html"):
        write_page(tmp_path / name, ledger, describing(world.root), title="Models")
    page = (tmp_path / "one.html").read_text()
    assert page == (tmp_path / "two.html").read_text()
    for told in ("it is better", "first of them", "0.889", "0.879–0.899", "notes, tiny", "Bad_Name@v1.0.0"):
        assert told in page
    assert page.count('<span class="stage prod">prod</span>') == 3  # who stands there, its row, its promotion
    assert '<span class="stage deprecated">deprecated</span>' in page
    assert "4 gates passed" in page
    assert "open: " not in page
    assert "<script" not in page
    assert "src=" not in page.replace("img-src", "")


def test_an_empty_registry_has_a_page(tmp_path: Path) -> None:
    write_page(tmp_path / "page.html", Ledger(()), lambda event: ("", {}), title="Models")
    assert "Nothing is registered." in (tmp_path / "page.html").read_text()


def test_what_tags_say_is_escaped(tmp_path: Path) -> None:
    ledger = Ledger((registered(message="<script>alert(1)</script>"),))
    write_page(tmp_path / "page.html", ledger, lambda event: ("<b>", FIGURES), title="A & B")
    page = (tmp_path / "page.html").read_text()
    assert "<script" not in page
    assert "<b>" not in page
    assert "<h1>A &amp; B</h1>" in page


def test_a_commit_that_is_not_here_has_no_figures(world: World) -> None:
    assert describing(world.root)(registered()) == ("", {})


def test_a_version_without_figures_is_not_drawn() -> None:
    assert draw_versions("ner", [Row(registered(), (), False, "", {})]) is None


def test_the_figure_tells_each_version_in_words() -> None:
    rows = [
        Row(registered("v1.0.0"), (), True, "", FIGURES),
        Row(registered("v1.1.0"), ("staging", "prod"), False, "", {**FIGURES, "f1": 0.75}),
        Row(registered("v1.2.0"), (), False, "", {}),
    ]
    figure = draw_versions("ner", rows)
    assert figure is not None
    assert figure.text.endswith("v1.0.0 0.700, v1.1.0 0.750")
    drawn = "".join(ElementTree.fromstring(figure.svg).itertext())
    assert all(word in drawn for word in ("v1.0.0", "v1.1.0", "prod", "deprecated"))
    assert "v1.2.0" not in drawn


def test_answers_are_told_by_chrf(tmp_path: Path) -> None:
    write_page(
        tmp_path / "page.html", Ledger((registered(),)), lambda event: ("", {"chrf": 0.3}), title="Models"
    )
    assert "mean chrF" in (tmp_path / "page.html").read_text()
