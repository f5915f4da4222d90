"""The page at `/` in a real browser, on the real service."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import running

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = (
    '<script>document.title = "pwned"</script><img src=x onerror="document.title=\'pwned\'"> aspirin '
    "\N{GRINNING FACE} fever </textarea></p><b>bold</b> javascript:alert(1)"
)


def loaded(page: Page) -> None:
    page.wait_for_selector("#model option >> nth=2", state="attached", timeout=60_000)


def ask(page: Page, text: str) -> None:
    loaded(page)
    page.fill("#text", text)
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])", timeout=60_000)


def test_models_and_versions_can_be_picked(page: Page) -> None:
    loaded(page)
    assert [each.inner_text() for each in page.query_selector_all("#model option")][:2] == [
        "Entities: ner v1.1.0 (prod)",
        "Entities: ner v1.0.0 (staging)",
    ]
    page.select_option("#model", index=1)
    page.fill("#text", "aspirin")
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])", timeout=60_000)
    assert page.inner_text("#status") == "1 found in 7 characters by ner v1.0.0."


def test_entities_are_coloured_by_label_and_told(page: Page) -> None:
    ask(page, "aspirin for fever, aspirin")
    marks = page.query_selector_all("#marked mark")
    assert [mark.inner_text() for mark in marks] == [
        f"aspirinDrug{_unseen(0.98)}",
        f"feverSign{_unseen(0.5)}",
        f"aspirinDrug{_unseen(0.98)}",
    ]
    assert [mark.get_attribute("class") for mark in marks] == ["hue-0", "hue-1 unsure", "hue-0"]
    assert marks[1].get_attribute("title") == "Sign, confidence 0.50, needs review"
    assert [each.inner_text() for each in page.query_selector_all("#legend li")] == ["Drug 2", "Sign 1"]


def _unseen(confidence: float) -> str:
    return f"\n, confidence {confidence:.2f}"


def test_hostile_text_stays_text(page: Page) -> None:
    title = page.title()
    ask(page, HOSTILE)
    assert page.title() == title
    assert page.query_selector("#marked script, #marked img, #marked b, #levels img, #levels b") is None
    shown = page.evaluate(
        "[...document.querySelector('#marked').childNodes]"
        ".map(n => n.nodeName === 'MARK' ? n.firstChild.data : n.data).join('')"
    )
    assert shown == HOSTILE  # offsets behind the emoji are right, too
    marks = page.evaluate("[...document.querySelectorAll('#marked mark')].map(n => n.firstChild.data)")
    assert marks == ["<script>", "aspirin", "\N{GRINNING FACE}", "fever"]
    page.click("#tab-masked")
    assert "<b>bold</b>" in page.inner_text("#levels")
    page.click("#tab-json")
    assert json.loads(page.inner_text("#json"))["found"]["results"][0]["text"] == HOSTILE


def test_three_levels_are_shown_and_one_that_fails_says_why(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPANWISE_PII_KEY", raising=False)
    page.click("#example")
    loaded(page)
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])", timeout=60_000)
    page.click("#tab-masked")
    basic, moderate, thorough = (each.inner_text() for each in page.query_selector_all("#levels article"))
    for masked in (basic, thorough):
        assert "ada.fictional@example.org" not in masked
    assert "[PERSON_1]" in basic
    assert "Example Analytics" in basic
    assert "Example Analytics" not in thorough
    assert "Code no-key" in moderate


def test_a_dropped_cv_is_parsed(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "cv of a person.txt"
    path.write_text("Ada Fictional\nada@example.org\n\nSkills\nPython, SQL\n")
    loaded(page)
    transfer = page.evaluate_handle(
        "text => { const t = new DataTransfer();"
        " t.items.add(new File([text], 'cv of a person.txt', {type: 'text/plain'})); return t; }",
        path.read_text(),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    assert page.inner_text("#file-state") == "cv of a person.txt (1 KB)"
    page.select_option("#model", index=2)
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.post_data_buffer or b"")))
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])", timeout=60_000)
    assert "ada@example.orgbasics.email" in page.inner_text("#marked")
    assert len(sent) == 4
    assert not any(b"cv of a person" in body for _, body in sent)  # a file's name is not sent
    page.set_input_files("#file", path)
    page.click("#clear")
    assert (page.inner_text("#file-state"), page.is_enabled("#text")) == ("", True)


def test_a_problem_is_told_and_goes_away(page: Page) -> None:
    loaded(page)
    page.click("#run")
    assert "There is no document yet" in page.inner_text("#problem")
    page.set_input_files("#file", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 no"})
    page.click("#run")
    page.wait_for_selector("#problem >> text=Code corrupt")
    assert "The document is damaged" in page.inner_text("#problem")
    assert page.is_hidden("#result")
    page.click("#clear")
    ask(page, "aspirin")
    assert page.is_hidden("#problem")


def test_a_server_that_is_gone_is_told(page: Page) -> None:
    loaded(page)
    page.route("**/v1/**", lambda route: route.abort())
    page.fill("#text", "aspirin")
    page.click("#run")
    page.wait_for_selector("#problem:not([hidden])")
    assert "The server cannot be reached" in page.inner_text("#problem")


def test_views_are_chosen_with_the_keyboard(page: Page) -> None:
    ask(page, "aspirin")
    page.focus("#tab-entities")
    for key, chosen in (
        ("ArrowRight", "masked"),
        ("End", "json"),
        ("ArrowRight", "entities"),
        ("ArrowLeft", "json"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"tab-{chosen}"
        assert page.get_attribute(f"#tab-{chosen}", "aria-selected") == "true"
        assert page.is_visible(f"#panel-{chosen}")
    assert page.evaluate("document.querySelectorAll('[role=tabpanel]:not([hidden])').length") == 1


def test_every_field_has_a_name(page: Page) -> None:
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, select, textarea')]"
        ".filter(e => !(e.labels?.length || e.innerText.trim())).map(e => e.id)"
    )
    assert nameless == []


@pytest.mark.parametrize("width", [360, 400, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    ask(page, "aspirin " * 40 + "x" * 400 + " \N{GRINNING FACE}")
    for tab in ("entities", "masked", "json"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{address}/usage")
    assert "Usage of the service" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_the_key_stays_in_its_field(browser: Browser, tmp_path: Path) -> None:
    key = "k" * 40
    keys = tmp_path / "keys.json"
    entry = {"name": "ward-7", "sha256": hashlib.sha256(key.encode()).hexdigest(), "roles": ["use"]}
    keys.write_text(json.dumps({"keys": [entry]}))
    with running(tmp_path / "deployed", keys=keys) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#problem:not([hidden])")
        assert "A valid API key is needed" in page.inner_text("#problem")
        page.fill("#key", key)
        page.keyboard.press("Tab")
        loaded(page)
        assert page.is_hidden("#problem")
        ask(page, "aspirin")
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        page.reload()
        assert page.input_value("#key") == ""
        context.close()
