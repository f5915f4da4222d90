"""The bar is silent where nobody looks."""

from __future__ import annotations

import pytest

from spanwise.bulk import progress


def test_nothing_is_shown_where_standard_error_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert not progress.wanted(quiet=False)
    with progress.shown(10, visible=False) as bar:
        bar.begun(2)
        bar.advance(4)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_documents_and_their_share(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    assert progress.wanted(quiet=False)
    assert not progress.wanted(quiet=True)
    with progress.shown(10, visible=True) as bar:
        bar.begun(2)
        bar.advance(4)
        bar.advance(3)
    output, errors = capsys.readouterr()
    assert output == ""
    assert "9 documents" in errors
    assert "90%" in errors
