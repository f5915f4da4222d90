from __future__ import annotations

import re
from html import unescape

from spanwise.tasks.compression.compressor import Compressed, Compressor
from spanwise.tasks.compression.page import render, told

TEXT = "Please note that <b> & the 5 cats sat."


def columns(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]


def test_dropped_text_is_struck_through_beside_what_is_sent() -> None:
    found = Compressor().compress(TEXT)
    original, shorter = columns(render([("<one>", found)]))
    assert re.sub("<del>.*?</del>", "", original) == found.text == shorter
    assert re.sub("</?del>", "", original) == TEXT
    assert "<del>Please note that </del>" in original
    assert "&lt;one&gt;" in render([("<one>", found)])


def test_a_shortfall_is_said() -> None:
    assert "above the target of 1" in told(Compressor().compress("Never send 5 keys.", max_tokens=1))


def test_what_was_rewritten_stands_whole_on_both_sides() -> None:
    found = Compressed(
        "x  = 1", "x=1", None, "code", "syntax tree", "characters", before=6, after=3, target=None
    )
    assert columns(render([("a", found)])) == ["x  = 1", "x=1"]
    assert "syntax tree" in told(found)
