from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.tasks.instruct.shares import wilson


def test_it_is_the_textbook_interval() -> None:
    # Newcombe 1998 (Statistics in Medicine 17), table I, method 3: 81 of 263 and 0 of 20.
    assert wilson(81 / 263, 263, level=0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20, level=0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_it_holds_the_share_and_stays_between_0_and_1(number: int, data: st.DataObject) -> None:
    share = data.draw(st.integers(0, number)) / number
    low, high = wilson(share, number, level=0.95)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    assert low < high
