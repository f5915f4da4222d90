from __future__ import annotations

from spanwise.schema import Example
from spanwise.tasks.instruct.tiers import tier_of_stratum


def test_each_stratum_is_a_tier_however_few_it_has() -> None:
    strata = ["qa/en", "mcq/fr", "qa/en", None]
    examples = [
        Example(id=str(i), text="?", target="!", group="g", stratum=stratum)
        for i, stratum in enumerate(strata)
    ]
    assert tier_of_stratum(examples, {"high": 100}) == {"mcq/fr": "mcq/fr", "qa/en": "qa/en"}
