"""The page's files: what they load, and whether they can be read."""

from __future__ import annotations

import re
from itertools import product

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from spanwise.service.pages import TYPES, router


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.include_router(router())
    return TestClient(app)


def test_the_page_loads_only_what_the_service_has(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert sorted(loaded) == ["data:,", "openapi.json", "openapi.json", "static/page.css", "static/page.js"]
    for name in ("page.css", "page.js"):
        assert client.get(f"/static/{name}").headers["content-type"] == TYPES[name]


def test_scripts_import_only_what_is_served(client: TestClient) -> None:
    for name in (name for name in TYPES if name.endswith(".js")):
        script = client.get(f"/static/{name}").text
        assert {each.removeprefix("./") for each in re.findall(r'from "([^"]+)"', script)} <= TYPES.keys()
        assert not re.findall(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Storage|cookie", script
        )


def test_nothing_is_inline_and_nothing_may_be(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "require-trusted-types-for 'script'"} <= set(policy.split("; "))
    assert not re.search(r"<style|<script>|\sstyle=|\son\w+=", page.text)


@pytest.mark.parametrize("name", ["index.htm", "..%2f..%2fpages.py", "page.css%00", "PAGE.CSS"])
def test_no_other_file_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_text_stands_out_from_what_is_behind_it(client: TestClient) -> None:
    style = client.get("/static/page.css").text
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    for block in (light, dark):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        hues = [f"hue-{number}" for number in range(10)]
        pairs = [
            *product(["ink"], ["paper", "card", "wash", "alarm", *hues]),
            *product(["soft"], ["paper", "card", "wash", "alarm"]),
            *product(["accent"], ["paper", "card"]),
            ("on-accent", "accent"),
        ]
        poor = [pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5]
        assert poor == []
        assert contrast(colours["edge"], colours["paper"]) >= 3  # of a field's border


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, WCAG 2.2."""
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
