"""Three résumés by hand, rendered in every family and format, and read back."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spanwise.documents import LIMITS
from spanwise.documents.worker import read_bytes
from spanwise.tasks.resume.generation.candidates import Candidate, Personal, Referee
from spanwise.tasks.resume.generation.composition import compose
from spanwise.tasks.resume.generation.corpus import RENDERERS
from spanwise.tasks.resume.generation.families import FAMILIES, Family, draw_style
from spanwise.tasks.resume.generation.grounding import ground
from spanwise.tasks.resume.generation.vocabulary import locale, vocabulary
from spanwise.tasks.resume.model import from_json_resume, to_json_resume
from spanwise.tasks.resume.schema import schema_faults

CODES = ("en_GB", "fr_FR", "de_DE")
PERSONAL = Personal(born="1990-04-02", nationality="Testland", identity="12345678")


def truth(root: Path, code: str) -> Any:
    return json.loads((root / "tests" / "golden" / "resume" / f"{code}.json").read_text("utf-8"))


def candidate(root: Path, code: str) -> Candidate:
    forms = locale(code)
    resume = from_json_resume(truth(root, code))
    referees = tuple(
        Referee(each.name or "", "Prof.", "Orbidata", "030 23125 123", "i.b@post.example")
        for each in resume.references
    )
    return Candidate(forms, vocabulary(forms.language), resume, PERSONAL, referees)


@pytest.mark.parametrize("code", CODES)
def test_each_truth_is_valid_and_survives_the_model(root: Path, code: str) -> None:
    assert schema_faults(truth(root, code)) == ()
    assert to_json_resume(from_json_resume(truth(root, code))) == truth(root, code)


@pytest.mark.parametrize("kind", RENDERERS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("code", CODES)
def test_every_value_is_found_in_every_family_and_format(
    root: Path, code: str, family: Family, kind: str
) -> None:
    style = draw_style(family, "golden")._replace(dates="slash", encoding="utf-8", date_place="own")
    sheet = compose(candidate(root, code), style)
    document = read_bytes(RENDERERS[kind](sheet, style), LIMITS, cross_check=False)
    found = ground(sheet, document.text)
    assert found.missing == ()
    labels = Counter(span.label for span in found.fields)
    assert labels["Employer"] == len(truth(root, code)["work"])
    assert labels["Skill"] == len(truth(root, code)["skills"])
    direct = {span.label for span in found.personal}
    assert {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "DATE_OF_BIRTH", "ID_NUMBER"} <= direct
