from __future__ import annotations

import os

import pytest

from spanwise.errors import UserError
from spanwise.runtime.benchmark.isolation import in_child


def test_a_child_is_another_process_and_gives_back_what_it_finds() -> None:
    assert in_child(os.getpid) != os.getpid()
    assert in_child(divmod, 7, 2) == (3, 1)


def refuse() -> None:
    raise UserError("is not there", path="model", hint="Make it.")


def test_an_error_of_the_user_crosses_over_whole() -> None:
    with pytest.raises(UserError, match="model: is not there") as caught:
        in_child(refuse)
    assert (caught.value.reason, caught.value.path, caught.value.hint) == (
        "is not there",
        "model",
        "Make it.",
    )


def test_a_child_that_is_killed_is_an_error_of_the_user() -> None:
    with pytest.raises(UserError, match="killed"):
        in_child(os.abort)
