from __future__ import annotations

from collections.abc import Callable

import pytest

from spanwise.reporting.templating import environment_of
from spanwise.tasks.pii.page import compare_levels, render
from spanwise.tasks.pii.recognisers import RULES
from spanwise.tasks.pii.surrogates import Surrogates


@pytest.fixture
def page(resume: str, stand_ins: Callable[[str, str | None], Surrogates]) -> str:
    """The page about one résumé, which has something to escape."""
    versions = compare_levels(f"{resume}<script>alert(1)</script>", RULES, stand_ins)
    return render(environment_of("spanwise.tasks.pii"), [versions], left_out=2)


def test_the_page_shows_all_levels(page: str) -> None:
    for level in ("basic", "moderate", "thorough"):
        assert f'class="version {level}"' in page
    assert "[PERSON_1]" in page
    assert "2 could not be read or masked" in page


def test_the_page_warns_of_the_originals_and_calls_nothing_anonymous(page: str) -> None:
    assert "This page shows the originals." in page
    assert "No level makes a document anonymous" in page


def test_documents_cannot_break_out_of_the_page(page: str) -> None:
    assert "<script>alert" not in page


def test_the_page_loads_nothing(page: str) -> None:
    assert "src=" not in page
    assert 'href="http' not in page


def test_pieces_make_up_the_text(resume: str, stand_ins: Callable[[str, str | None], Surrogates]) -> None:
    for version in compare_levels(resume, RULES, stand_ins):
        assert "".join(piece.text for piece in version.before) == resume
        assert {piece.kind for piece in version.after} <= {"", "direct", "strong", "other"}
