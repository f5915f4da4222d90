"""Headings in several languages, also in words that no list has."""

from __future__ import annotations

import pytest

from spanwise.tasks.resume.rules.headings import folded, guess_section, is_title, section_of


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("WORK EXPERIENCE", "work"),
        ("Expérience professionnelle", "work"),
        ("Beruflicher Werdegang:", "work"),
        ("Experiencia laboral", "work"),
        ("Esperienze lavorative", "work"),
        ("Werkervaring", "work"),
        ("Experiência profissional", "work"),
        ("E D U C A T I O N", "education"),
        ("Ausbildung", "education"),
        ("Skills & Tools", "skills"),
        ("Fähigkeiten und Kenntnisse", "skills"),
        ("Langues", "languages"),
        ("Kurse", "certificates"),
        ("Centres d'intérêt", "interests"),
        ("3. Publications", None),
        ("Software Engineer", None),
        ("Experience with customers of all kinds", None),
    ],
)
def test_a_heading_opens_its_section(heading: str, section: str | None) -> None:
    assert section_of(heading) == section


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Selected Publications", "publications"),
        ("Licences and Certificates", "certificates"),
        ("Referenzpersonen", "references"),
        ("Personas de referencia", "references"),
        ("Akademisk bakgrund", "education"),
        ("Project Manager", None),
        ("Jane Doe", None),
        ("", None),
        ("a very long heading about skills and more", None),
    ],
)
def test_an_unknown_heading_is_guessed_only_where_every_word_speaks_for_it(
    heading: str, section: str | None
) -> None:
    assert guess_section(heading) == section


def test_folding_drops_case_accents_and_letter_spacing() -> None:
    assert folded("  Großé  ÆØ: ") == "grosse aeo"
    assert folded("C V") == "c v"
    assert folded("S K I L L S") == "skills"


def test_a_document_may_call_itself_a_resume() -> None:
    assert is_title("Curriculum Vitæ")
    assert is_title("LEBENSLAUF")
    assert not is_title("Anna Berg")
