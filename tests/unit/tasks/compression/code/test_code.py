"""Python comes back shorter and as the same tree, at each level; where it cannot, it comes back as it was."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.tasks.compression.code import LEVELS, compress_python
from spanwise.tasks.compression.code.docstrings import parse, same_tree

SOURCE = '''\
"""A module."""

import os  # for paths


class Stack:
    """Last in, first out."""

    def push(self, item: str, *, twice: bool = False) -> None:
        """Put an item on top."""
        # Once,
        self.items.append(item)

        if (twice):  # or twice
            self.items.append(
                item,
            )

    def empty(self):
        """Nothing else."""


def area(width, height):
    """The product."""; return (width * height)
'''


def shortened(source: str, level: str = "layout") -> str:
    found = compress_python(source, level=level)
    assert found.reason is None
    return found.text


def test_comments_and_empty_lines_go_first() -> None:
    assert shortened(SOURCE, "comments") == textwrap.dedent('''\
        """A module."""
        import os
        class Stack:
            """Last in, first out."""
            def push(self, item: str, *, twice: bool = False) -> None:
                """Put an item on top."""
                self.items.append(item)
                if (twice):
                    self.items.append(
                        item,
                    )
            def empty(self):
                """Nothing else."""
        def area(width, height):
            """The product."""; return (width * height)
        ''')


def test_then_docstrings_and_pass_takes_their_place_in_an_empty_block() -> None:
    assert shortened(SOURCE, "docstrings") == textwrap.dedent("""\
        import os
        class Stack:
            def push(self, item: str, *, twice: bool = False) -> None:
                self.items.append(item)
                if (twice):
                    self.items.append(
                        item,
                    )
            def empty(self):
                pass
        def area(width, height):
            return (width * height)
        """)


def test_then_layout_and_tokens_that_the_tree_does_not_need() -> None:
    assert shortened(SOURCE) == textwrap.dedent("""\
        import os
        class Stack:
         def push(self,item:str,*,twice:bool=False)->None:
          self.items.append(item)
          if twice:self.items.append(item)
         def empty(self): pass
        def area(width,height): return width*height
        """)


def test_what_went_is_counted() -> None:
    found = compress_python(SOURCE, level="docstrings")
    assert (found.comments, found.docstrings, found.level) == (3, 5, "docstrings")
    assert compress_python(SOURCE, level="comments").docstrings == 0


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "source",
    [
        "x = '' 'a'  # two strings\n",
        "x = 1 .real  # an attribute\n",
        'x = f"{y = }" "#"  # not a comment\n',
        "def f():\n    '''One.'''\n    'two'  # another string\n    return 1\n",
        "def f(): 'One.'; return 1  # on one line\n",
        "def f():\n    ('One.')  # in parentheses\n    return 1\n",
        "class A: 'One.'  # alone\n",
        "x = (1,)  # a tuple\ny = [(1, 2), (3)]\nf((a, b), (c for c in d))\n",
        "if (a and\n        b):  # over two lines\n    pass\nelif (c):\n    x = 1; y = 2;\nelse:\n    pass\n",
        "x = 1 + \\\n    2  # a backslash\n",
        "@(decorated)  # by this\ndef f(): return(1)\n",
        "async def f():\n    async with (a as b): await (b)  # waits\n",
        "match (x):\n    case (1): pass  # one\n    case _: pass\n",
        "try:\n\tx  # a tab\nexcept (A, B): raise\n",
        "é = 'é'; 'ü'  # not ASCII\n",
        "def é(): 'ü'; return 'é'  # a docstring behind bytes\n",
        "x = 1\r\n\r\n# DOS\r\ny = '''a\r\nb'''\r\n",
        "x = '''a\n\n  # no comment\n\nb'''  # a comment\n",
        "def f():\n    def g():\n        '''One.'''\n    return g  # nested\n",
        "class A(): x: int = 3  # no bases\n",
        "for x in (1, 2): print(x if x else .5, not(x), x [0], -x ** -2)  # spaced\n",
        "for x in y:\n    if x:\n        break  # nested\nelse:\n    pass\n",
    ],
)
def test_the_tree_stays(source: str, level: str) -> None:
    found = compress_python(source, level=level)
    assert found.reason is None
    assert len(found.text) < len(source)
    left, right = parse(source), parse(found.text)
    assert left is not None
    assert right is not None
    assert same_tree(left, right, docstrings=level == "comments")


def test_what_stays_keeps_its_spelling() -> None:
    assert shortened("mask = 0x_FF  # bits\nname = r'\\d' u\"a\"\n") == "mask=0x_FF\nname=r'\\d' u\"a\"\n"


def test_a_source_without_a_last_line_end_gets_none() -> None:
    assert shortened("x = 1  # one") == "x=1"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("no python at all", "does_not_parse"),
        ("x = '\0'", "does_not_parse"),
        ("# a line that goes on, to tokenize alone\n\\\r\n", "does_not_parse"),
        ("x=1\n", "not_shorter"),
        ("# nothing but this\n", "nothing_left"),
        ('"""Nothing but this."""\n', "nothing_left"),
        ("", "nothing_left"),
        ("x = 1\ry = 2  # line ends of another age\r", "tree_differs"),
    ],
)
def test_what_cannot_be_shortened_is_left_with_the_reason(source: str, reason: str) -> None:
    found = compress_python(source)
    assert (found.text, found.reason) == (source, reason)


def test_an_expression_too_deep_to_compare_is_left_as_it_is() -> None:
    source = f"x = {'+'.join(['1'] * 3000)}  # deep\n"
    found = compress_python(source, level="comments")
    assert found.text == source
    assert found.reason in {"does_not_parse", "tree_differs"}


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(UserError, match="no level 'most'"):
        compress_python("x = 1", level="most")


def test_trees_differ_by_more_than_docstrings() -> None:
    def same(one: str, other: str, *, docstrings: bool) -> bool:
        return same_tree(ast.parse(one), ast.parse(other), docstrings=docstrings)

    assert same("def f(): 'a'", "def f(): pass", docstrings=False)
    assert not same("def f(): 'a'", "def f(): pass", docstrings=True)
    assert not same("def f(): 'a'", "def f(): ...", docstrings=False)
    assert not same("x = 'a'", "x = 'b'", docstrings=False)


names = st.sampled_from(["a", "b", "f", "x_1"])
expressions = st.recursive(
    names | st.sampled_from(["1", ".5", "1.", "'a'", '"""b"""', "None", "-1", "f'{a}'"]),
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("({}, )".format, inner),
        st.builds("({} , {})".format, inner, inner),
        st.builds("[{}, ( {} )]".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not ({}))".format, inner),
        st.builds("({})  -  ({})".format, inner, inner),
        st.builds("a({}, b = {},)".format, inner, inner),
        st.builds("a[({}): {}]".format, inner, inner),
        st.builds("(lambda: ({}))".format, inner),
        st.builds("({})\\\n .a".format, inner),
    ),
    max_leaves=6,
)


@given(expressions, st.sampled_from(LEVELS))
@example("(a, )", "layout")
def test_any_expression_keeps_its_tree(expression: str, level: str) -> None:
    block = f"    if ({expression}):  # so\n        return ({expression})\n    a = {expression};\n"
    source = f"def f(a):\n    '''It.'''\n{block}"
    found = compress_python(source, level=level)
    assert found.reason is None
    left, right = parse(source), parse(found.text)
    assert left is not None
    assert right is not None
    assert same_tree(left, right, docstrings=level == "comments")


def test_the_library_shortens_itself_a_second_time_to_the_same(root: Path) -> None:
    for path in sorted((root / "src/spanwise/tasks/compression/code").glob("*.py")):
        once = shortened(path.read_text("utf-8"))
        again = compress_python(once)
        assert (again.text, again.reason) == (once, "not_shorter")
