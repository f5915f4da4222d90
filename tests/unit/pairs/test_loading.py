"""What is loaded from Python, its docstrings and Markdown, and that all that is not is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.pairs.docstrings import load_docstrings
from spanwise.pairs.markdown import load_markdown
from spanwise.pairs.python import load_python
from spanwise.pairs.records import Passage
from spanwise.schema import Change

BODY = "total = 0\n{0}for value in values:\n{0}    total += value * value\n{0}return total / len(values)\n"
PROSE = (
    "This package keeps every message on disk for three days, after which a background task "
    "removes it for good, unless the queue is named in the settings."
)
UNINDENTED = """if 1:
  def f(x):
    y = '''
no indentation
'''
    for z in x:
        y += str(z * 99 + 1)
        y += str(z * 98 + 2)
        y += str(z * 97 + 3)
    return y
"""


def function(name: str, indent: str = "") -> str:
    inner = indent + "    "
    doc = f'{inner}"""The mean of the squares of {name}."""\n'
    return f"{indent}def {name}(values):\n{doc}{inner}{BODY.format(inner)}\n"


def parted(found: Iterable[Passage | Change]) -> tuple[list[Passage], Counter[str]]:
    every = list(found)
    passages = [each for each in every if isinstance(each, Passage)]
    return passages, Counter(each.reason for each in every if isinstance(each, Change))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "sources"
    found.mkdir()
    return found


def test_functions_classes_and_methods_are_loaded_with_their_places(folder: Path) -> None:
    source = (
        function("one")
        + "class Two:\n"
        + function("three", "    ")
        + "if x:\n    @cached\n"
        + function("four", "    ")
    )
    (folder / "a.py").write_text(source)
    passages, left_out = parted(load_python(folder))
    assert [(each.kind, each.id) for each in passages] == [
        ("function", "sources/a.py:1"),
        ("class", "sources/a.py:8"),
        ("method", "sources/a.py:9"),
        ("function", "sources/a.py:17"),
    ]
    assert passages[2].text.startswith("def three(values):\n    ")
    assert passages[3].text.startswith("@cached\ndef four")
    assert {(each.group, each.domain, each.language) for each in passages} == {
        ("sources/a.py", "code", "python")
    }
    assert not left_out


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (function("test_it"), "test"),
        ("class A:\n    x = 1\n" + function("__call__", "    "), "dunder"),
        ("def f(x):\n    'Long enough a docstring.'\n    return x\n", "trivial"),
        ("class A(Exception):\n    'Something is wrong.'\n", "trivial"),
        ("def f(x):\n    y = x\n    return y\n", "short"),
        ("def f(x):\n    y = x\n" + "    y += 1\n" * 800, "long"),
        (function("one") + function("one"), "copy"),
        (UNINDENTED, "indentation"),
        ("def f(:", "does_not_parse"),
    ],
)
def test_code_that_teaches_little_is_left_out_and_counted(folder: Path, source: str, reason: str) -> None:
    (folder / "a.py").write_text(source)
    assert parted(load_python(folder))[1][reason] == 1


def test_files_of_tests_and_unreadable_ones_are_counted_and_those_of_others_passed_over(folder: Path) -> None:
    for name in ("tests/a.py", "test_b.py", "site-packages/c.py", ".hidden/d.py", "e.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(function("one"))
    (folder / "f.py").write_bytes(b"x = '\xff'\n")
    assert parted(load_python(folder)) == ([], {"test_file": 2, "unreadable": 1})
    assert parted(load_docstrings(folder))[1]["unreadable"] == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        list(load_python(tmp_path / "none"))


def test_paragraphs_of_markdown_are_loaded_and_the_rest_is_stripped(folder: Path) -> None:
    (folder / "a.md").write_text(
        f"---\ntitle: A\n---\n# Heading\n\n{PROSE}\n\n```\n{PROSE}\n```\n\n- {PROSE.upper()}\n\n"
        f"    {PROSE}\n\n<div>{PROSE}</div>\n\n| {PROSE} | b |\n|---|---|\n| c | d |\n\n"
        f"Too short.\n\n{PROSE}\n\n{'7 ' * 30}\n\n{'word ' * 500}\n"
    )
    (folder / "b.md").write_bytes(b"\xff")
    passages, left_out = parted(load_markdown(folder))
    assert [(each.id, each.text) for each in passages] == [
        ("sources/a.md:6", PROSE),
        ("sources/a.md:12", PROSE.upper()),
    ]
    assert {(each.domain, each.kind, each.group) for each in passages} == {
        ("prose", "paragraph", "sources/a.md")
    }
    assert left_out == {
        "front_matter": 1,
        "heading": 1,
        "code_block": 1,
        "html": 1,
        "table": 1,
        "short": 1,
        "copy": 2,
        "not_prose": 1,
        "long": 1,
        "unreadable": 1,
    }


@pytest.mark.parametrize(("kind", "count"), [("text/markdown; charset=UTF-8", 1), ("text/x-rst", 0)])
def test_the_description_of_a_package_is_read_if_it_is_markdown(folder: Path, kind: str, count: int) -> None:
    (folder / "METADATA").write_text(f"Name: a\nDescription-Content-Type: {kind}\n\n{PROSE}\n")
    assert len(parted(load_markdown(folder))[0]) == count


def test_paragraphs_of_docstrings_are_loaded_and_markup_is_left_out(folder: Path) -> None:
    (folder / "a.py").write_text(
        f'"""Short.\n\n{PROSE}\n"""\n\ndef f():\n    """{PROSE.upper()}\n\n    >>> {PROSE}\n    """\n'
    )
    (folder / "b.py").write_text("def f(:")
    passages, left_out = parted(load_docstrings(folder))
    assert [(each.id, each.text, each.kind) for each in passages] == [
        ("sources/a.py:1#2", PROSE, "docstring"),
        ("sources/a.py:7#1", PROSE.upper(), "docstring"),
    ]
    assert left_out == {"short": 1, "markup": 1, "does_not_parse": 1}
