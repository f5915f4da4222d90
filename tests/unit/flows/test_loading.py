from __future__ import annotations

import pytest

from spanwise import flows
from spanwise.errors import UserError
from spanwise.reporting.answers import page as answers
from spanwise.reporting.page import write_report

LOADERS = (flows.load_train, flows.load_evaluate, flows.load_benchmark, flows.load_report)


@pytest.mark.parametrize("learner", ["tagger", "generator"])
@pytest.mark.parametrize("load", LOADERS)
def test_every_stage_of_every_learner_has_a_run(load: object, learner: str) -> None:
    assert callable(load)
    assert callable(load(learner))


def test_each_learner_has_a_report_of_its_own() -> None:
    assert flows.load_report("tagger") is write_report
    assert flows.load_report("generator") is answers.write_report


@pytest.mark.parametrize("load", LOADERS)
def test_an_unknown_learner_is_refused_with_those_that_there_are(load: object) -> None:
    assert callable(load)
    with pytest.raises(UserError, match=r"'oracle': there is no such learner; valid: generator, tagger"):
        load("oracle")
