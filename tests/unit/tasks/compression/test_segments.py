from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from spanwise.tasks.compression.segments import domain, is_python, paragraphs, segments
from tests.unit.tasks.compression.prompts import PROMPTS

PROSE = "The meeting was long. Nobody could say why, and everyone left early.\n"
PYTHON = "def double(number):\n    return 2 * number\n"
SCRIPT = "const a = 1;\nif (a > 0) {\n  show(a);\n}\n"
TABLE = "| name | age |\n|---|---|\n| Ann | 30 |\n"
YAML = "name: demo\nversion: 2\n"
FENCE = "```\nanything goes here, prose too\n```\n"


def kinds(text: str) -> list[str]:
    return [segment.kind for segment in segments(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE, "prose"),
        ("", "prose"),
        ("hello", "prose"),
        (" \n\n ", "prose"),
        (PYTHON, "code"),
        (PYTHON + "\n\n# Next.\n\nx = double(2)\n", "code"),
        (SCRIPT, "code"),
        (FENCE, "code"),
        ('{"a": [1, 2]}', "structured"),
        ("[" * 100_000, "prose"),
        (TABLE, "structured"),
        (YAML, "structured"),
        ("---\n" + YAML + "---\n", "structured"),
        ('{\n"a": 1,\n"b": [\n"x",\n2\n]\n', "structured"),
        ("a\tb\tc\n1\t2\t3\n", "structured"),
        (PROSE + "\n" + FENCE, "mixed"),
        (PROSE + "\n" + TABLE, "mixed"),
        ("To do: buy bread.\nNote: the shop closes early today. Be quick.\n", "prose"),
    ],
)
def test_a_text_is_of_one_domain(text: str, expected: str) -> None:
    assert domain(text) == expected


def test_segments_follow_each_other_in_the_text() -> None:
    assert kinds(PROSE + "\n" + PROSE + "\n" + FENCE + PROSE + "\n" + TABLE) == [
        "prose",
        "code",
        "prose",
        "structured",
    ]


def test_a_fence_may_hold_empty_lines_and_stay_open() -> None:
    assert kinds("~~~\na\n\nb\n~~~\n" + PROSE) == ["code", "prose"]
    assert kinds(PROSE + "```\na\n\n" + PROSE) == ["prose", "code"]


def test_a_single_expression_is_no_module() -> None:
    assert not is_python("hello")
    assert not is_python("word, word\n")
    assert is_python("import os\n")
    assert not is_python("a\x00b")


@given(PROMPTS)
def test_segments_and_paragraphs_make_up_the_text(text: str) -> None:
    assert "".join(text[start:end] for start, end in paragraphs(text)) == text
    found = segments(text)
    assert "".join(text[each.start : each.end] for each in found) == text
    assert all(left.kind != right.kind for left, right in itertools.pairwise(found))
