"""The recipe: what does not go together is refused."""

from __future__ import annotations

from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.generator.recipe import check_recipe
from tests.talkers import recipe

WHOLE = {"rank": 0}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantisation": "nf4", "adapter": WHOLE}, "quantised weights cannot be trained"),
        ({"merged": True, "adapter": WHOLE}, "no adapters to merge"),
        ({"merged": True, "quantisation": "nf4"}, "not merged into quantised weights"),
        ({"epochs": 0, "require_effect": True}, "0 epochs have none"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        check_recipe(recipe(**changes))


@pytest.mark.parametrize("changes", [{}, {"quantisation": "nf4"}, {"merged": True}, {"epochs": 0}])
def test_others_go_together(changes: dict[str, Any]) -> None:
    check_recipe(recipe(**changes))
