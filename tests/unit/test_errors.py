from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError, UserErrors, first_line


@pytest.mark.parametrize(
    ("error", "location", "message"),
    [
        (UserError("no such thing"), "", "no such thing"),
        (UserError("empty", path=Path("a.ann")), "a.ann", "a.ann: empty"),
        (UserError("bad", path="a.ann", line=3), "a.ann:3", "a.ann:3: bad"),
        (UserError("bad", line=3), "", "bad"),
        (UserError("bad", path="a.ann", line=3, hint="Mend it."), "a.ann:3", "a.ann:3: bad\n  Mend it."),
    ],
)
def test_says_where_what_and_what_to_do(error: UserError, location: str, message: str) -> None:
    assert error.location == location
    assert str(error) == message


def test_several_errors_are_told_at_once_and_kept() -> None:
    first, second = UserError("bad", path="a.ann", line=1), UserError("worse", path="b.ann")
    errors = UserErrors([first, second], hint="Mend both.")
    assert isinstance(errors, UserError)
    assert errors.errors == (first, second)
    assert str(errors) == "2 errors:\na.ann:1: bad\nb.ann: worse\n  Mend both."


def test_a_single_one_is_counted_in_the_singular() -> None:
    assert str(UserErrors([UserError("bad")])) == "1 error:\nbad"


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("one\ntwo"), "one"), (ValueError(), "ValueError"), (OSError(""), "OSError")],
)
def test_an_error_of_a_library_is_told_by_its_first_line_or_its_kind(error: Exception, told: str) -> None:
    assert first_line(error) == told
