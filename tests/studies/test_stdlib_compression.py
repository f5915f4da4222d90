"""What the study counts, on functions of a few lines; not how fast this machine is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spanwise.errors import UserError
from studies.stdlib_compression import bare, main

FUNCTION = '''
def f{0}(values):
    """The sum of values, and {0} more."""
    total = {0}  # where it starts
    for value in values:
        total += value
    return (total)
'''


def test_savings_and_equal_trees_are_counted_at_each_level(tmp_path: Path) -> None:
    folder, figures = tmp_path / "code", tmp_path / "figures.json"
    folder.mkdir()
    (folder / "a.py").write_text("".join(FUNCTION.format(number) for number in range(5)))
    main(figures, ["words"], folder, 4)
    found = json.loads(figures.read_text())
    assert (found["functions"], found["of"]) == (4, 5)
    assert list(found["levels"]) == ["comments", "docstrings", "layout"]
    shares = [level["characters_saved"] for level in found["levels"].values()]
    assert 0 < shares[0] < shares[1] < shares[2] < 1
    for level in found["levels"].values():
        assert (level["equal_trees"], level["longer"], level["left_as_they_are"]) == (4, 0, {})
        assert 0 < level["saved"]["words"] < 1


def test_a_folder_without_functions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no function"):
        main(tmp_path / "figures.json", ["words"], tmp_path)


def test_trees_are_compared_without_docstrings_and_nothing_else() -> None:
    assert bare("def f():\n    'a'\n") == bare("def f(): pass")
    assert bare("def f():\n    'a'\n    return (1)") == bare("def f(): return 1")
    assert bare("def f(): return 1") != bare("def f(): return 2")
