"""The way from a document to JSON Resume and its sidecar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents import ReadDocument, read_document
from spanwise.errors import UserError
from spanwise.tasks.resume.parser import parse, parse_many
from spanwise.tasks.resume.schema import schema_faults
from spanwise.tasks.resume.value import Value

FRENCH = """Marie Lefèvre
Ingénieure logiciel
12 rue de la Paix, 75002 Paris, France
Tél. : 06 12 34 56 78 | marie.lefevre@exemple.example | linkedin.com/in/mlefevre
PROFIL
Ingénieure avec huit ans de pratique.
EXPÉRIENCE PROFESSIONNELLE
Développeuse senior, Acme SA, Paris
janv. 2019 – aujourd'hui
• Conception d'une plateforme
• Encadrement de stagiaires
Développeuse chez Bidon SARL
septembre 2015 – décembre 2018
FORMATION
Master en informatique
Université de Lyon
2010 – 2015
COMPÉTENCES
Langages : Python, Java
LANGUES
Français : langue maternelle
PROJETS
Suivi : un outil de suivi
CERTIFICATIONS
Secourisme, Croix Bleue, 2020
RÉFÉRENCES
Bo Ek
Chef, Acme SA
bo@exemple.example"""


def document(text: str, **known: Any) -> ReadDocument:
    return ReadDocument(status="ok", format="txt", digest="d" * 64, text=text, **known)


def test_a_resume_is_parsed_whole() -> None:
    found = parse(document(FRENCH)).json_resume()
    assert found == {
        "basics": {
            "name": "Marie Lefèvre",
            "label": "Ingénieure logiciel",
            "email": "marie.lefevre@exemple.example",
            "phone": "06 12 34 56 78",
            "summary": "Ingénieure avec huit ans de pratique.",
            "location": {
                "address": "12 rue de la Paix",
                "postalCode": "75002",
                "city": "Paris",
                "countryCode": "FR",
            },
            "profiles": [
                {"network": "LinkedIn", "username": "mlefevre", "url": "https://linkedin.com/in/mlefevre"}
            ],
        },
        "work": [
            {
                "name": "Acme SA",
                "position": "Développeuse senior",
                "startDate": "2019-01",
                "location": "Paris",
                "highlights": ["Conception d'une plateforme", "Encadrement de stagiaires"],
            },
            {"name": "Bidon SARL", "position": "Développeuse", "startDate": "2015-09", "endDate": "2018-12"},
        ],
        "education": [
            {
                "institution": "Université de Lyon",
                "studyType": "Master",
                "area": "informatique",
                "startDate": "2010",
                "endDate": "2015",
            }
        ],
        "skills": [{"name": "Langages", "keywords": ["Python", "Java"]}],
        "languages": [{"language": "Français", "fluency": "langue maternelle"}],
        "projects": [{"name": "Suivi", "description": "un outil de suivi"}],
        "certificates": [{"name": "Secourisme", "issuer": "Croix Bleue", "date": "2020"}],
        "references": [{"name": "Bo Ek", "reference": "Chef, Acme SA bo@exemple.example"}],
    }
    assert schema_faults(found) == ()


def test_every_field_has_an_origin_in_the_text() -> None:
    origin = parse(document(FRENCH)).origin
    assert (origin.backend, origin.characters, origin.digest) == ("rules", len(FRENCH), "d" * 64)
    by_path = {field.path: field for field in origin.fields}
    assert len(by_path) == len(origin.fields)
    assert by_path["work[0].startDate"].raw == "janv. 2019"
    assert by_path["basics.location.countryCode"].raw == "France"
    for field in origin.fields:
        assert FRENCH[field.start : field.end] == field.raw
        assert 0 < field.confidence <= 1


def test_a_broken_list_item_is_put_together() -> None:
    text = "Work\nCook, Inn\n2019 – 2020\n• Cut costs\nby half\nA calm place."
    [work] = parse(document(text)).json_resume()["work"]
    assert work["highlights"] == ["Cut costs by half"]
    assert work["summary"] == "A calm place."


def test_several_documents_are_parsed_in_their_order() -> None:
    names = [parsed.resume.basics.name for parsed in parse_many([document("Ann Lee"), document("Bo Ek")])]
    assert names == ["Ann Lee", "Bo Ek"]


def test_nothing_gives_an_empty_resume() -> None:
    assert parse(document("")).json_resume() == {}


def test_a_document_without_text_is_refused() -> None:
    with pytest.raises(UserError, match="no_text_layer"):
        parse(ReadDocument(status="no_text_layer"))


def test_a_backend_that_gives_nonsense_is_told_without_its_values() -> None:
    class Broken:
        name = "broken"

        def __call__(self, documents: Sequence[ReadDocument]) -> Iterator[dict[str, Any]]:
            yield {"basics": {"email": Value("secret words", 0, 6, 0.5)}}

    with pytest.raises(UserError, match=r"basics\.email") as caught:
        parse(document("secret words"), Broken())
    assert "secret" not in str(caught.value)


LINES = st.sampled_from(
    [
        *FRENCH.split("\n"),
        "Experience",
        "Education",
        "2019 – 2020",
        "Skills\tSQL, Go",
        "• did it",
        "====",
        "x" * 50,
        "\f",
    ]
)


@given(st.lists(LINES, max_size=8))
def test_whatever_the_rows_the_result_is_valid_and_grounded(lines: list[str]) -> None:
    text = "\n".join(lines)
    parsed = parse(document(text))
    assert schema_faults(parsed.json_resume()) == ()
    for field in parsed.origin.fields:
        assert text[field.start : field.end] == field.raw
        assert re.search(r"\w", field.raw)


@pytest.mark.parametrize("theme", ["classic", "harvard", "sb2nov"])
def test_resumes_of_others_are_parsed(shared_data: Path, theme: str) -> None:
    found = parse(
        read_document(shared_data / "cv_files" / f"rendercv_{theme}.pdf", cross_check=False)
    ).json_resume()
    assert (len(found["work"]), len(found["education"])) == (5, 2)
    assert {profile["network"] for profile in found["basics"]["profiles"]} == {"LinkedIn", "GitHub"}
    assert all({"name", "position", "startDate", "location"} <= job.keys() for job in found["work"])
    assert all({"institution", "studyType", "area"} <= study.keys() for study in found["education"])
    assert schema_faults(found) == ()


def test_a_telephone_number_of_a_referee_keeps_its_bracket() -> None:
    text = "Ana Torres\nReferences\nJohn Quay\nEngineer, Harbour Systems\n(31) 3413-8658, quay@mail.example"
    resume = parse(ReadDocument(status="ok", format="txt", text=text)).json_resume()
    assert resume["references"][0]["reference"].endswith("(31) 3413-8658, quay@mail.example")


def test_a_name_above_a_street_that_looks_like_one_is_the_name() -> None:
    text = "Rafaela Sá\nAnalista de dados\nLago Ian Almeida, Belo Horizonte - MG, 38325723\nr.sa@mail.example"
    resume = parse(ReadDocument(status="ok", format="txt", text=text)).json_resume()
    assert resume["basics"]["name"] == "Rafaela Sá"
