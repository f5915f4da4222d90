"""One made-up résumé as PDF, DOCX and TXT is the same JSON, in the families that training has."""

from __future__ import annotations

import pytest

from spanwise.documents import LIMITS
from spanwise.documents.worker import read_bytes
from spanwise.tasks.resume.generation.candidates import draw_candidate
from spanwise.tasks.resume.generation.composition import compose
from spanwise.tasks.resume.generation.docx import render_docx
from spanwise.tasks.resume.generation.families import Family, draw_style, families_of
from spanwise.tasks.resume.generation.pdf import render_pdf
from spanwise.tasks.resume.generation.txt import render_txt
from spanwise.tasks.resume.parser import parse

RENDERERS = {"pdf": render_pdf, "docx": render_docx, "txt": render_txt}


@pytest.mark.parametrize("family", families_of("train"), ids=lambda family: family.name)
@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_the_same_resume_is_the_same_json_in_every_format(family: Family, locale: str) -> None:
    style = draw_style(family, "invariance")
    sheet = compose(draw_candidate(locale, "invariance", year_only=style.dates == "year"), style)
    found = {
        name: parse(read_bytes(render(sheet, style), LIMITS, cross_check=False)).json_resume()
        for name, render in RENDERERS.items()
    }
    assert found["pdf"] == found["docx"]
    assert found["txt"] == found["docx"]
    assert found["docx"]["work"]
