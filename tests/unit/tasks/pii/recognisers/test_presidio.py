from __future__ import annotations

import sys

import pytest

from spanwise.errors import UserError
from spanwise.tasks.pii.recognisers.presidio import presidio_recogniser
from spanwise.tasks.pii.source import Source


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_presidio_finds_by_our_labels_and_asks_no_network() -> None:
    pytest.importorskip("presidio_analyzer")
    text = "My name is David Johnson, write to david@example.com."
    found = {(span.label, text[span.start : span.end]) for span in presidio_recogniser()(Source(text))}
    assert {("PERSON", "David Johnson"), ("EMAIL_ADDRESS", "david@example.com")} <= found


def test_a_missing_model_is_an_error_that_says_so() -> None:
    pytest.importorskip("presidio_analyzer")
    with pytest.raises(UserError, match="xx_none is not installed"):
        presidio_recogniser(models=["xx_none"])


def test_without_presidio_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(UserError, match=r"spanwise\[presidio\]"):
        presidio_recogniser()
