"""Text files: bytes to characters, and lines to paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.documents.document import LIMITS, Limits
from spanwise.documents.failure import Unreadable
from spanwise.documents.txt import read_txt
from tests.paperwork import PROSE, wrapped

GERMAN = (
    "Jürgen Müller, Softwareentwickler aus Köln\nErfahrung mit großen Datenbanken und schönen Oberflächen"
)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"Ana Torres", "ascii"),
        (GERMAN.encode("utf-8"), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8"),
        (GERMAN.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-32"), "utf-32-le"),
        (GERMAN.encode("latin-1"), "cp1252"),
    ],
)
def test_the_encoding_is_told_and_the_text_the_same(data: bytes, encoding: str) -> None:
    found = read_txt(data, LIMITS)
    assert found.encoding == encoding
    assert found.text in (GERMAN, "Ana Torres")


def test_other_scripts_are_told_by_their_letters() -> None:
    text = "Инженер-программист. Опыт работы в крупных компаниях. Образование высшее техническое. " * 3
    assert read_txt(text.encode("cp1251"), LIMITS).text == text.strip()


def test_lines_broken_at_a_width_are_paragraphs_again() -> None:
    found = read_txt("\n".join(["Summary", *wrapped(PROSE, 60), "", "Skills"]).encode(), LIMITS)
    assert found.text == f"Summary\n{PROSE}\nSkills"
    assert [line.number for line in found.lines] == [*range(1, len(found.lines)), len(found.lines) + 1]
    assert found.lines[-1].gap == 1


def test_a_word_broken_between_lines_is_one_word() -> None:
    full = [line.ljust(60, "x") for line in wrapped(PROSE, 60)]
    broken = "\n".join([*full, f"{'word ' * 10}collabo-", "ration and the end"])
    assert "collaboration and" in read_txt(broken.encode(), LIMITS).text


def test_short_lines_stay_lines_and_marks_of_lists_become_one() -> None:
    found = read_txt("Skills\r\n- Python\r\n*  Go\r\n▪ C\r\n\r\n\r\no Rust\r\n1. one".encode(), LIMITS)
    assert found.text == "Skills\n• Python\n• Go\n• C\n• Rust\n1. one"


def test_pages_are_divided_by_form_feeds() -> None:
    found = read_txt(b"\fone\n\ftwo\f", LIMITS)
    assert (found.text, found.pages) == ("one\ftwo", 3)
    assert [line.page for line in found.lines] == [2, 3]


def test_characters_of_typesetting_are_those_of_typing() -> None:
    assert (
        read_txt("e\ufb03cient\u00a0co\u00adoperation \u200bcafe\u0301".encode(), LIMITS).text
        == "efficient cooperation café"
    )


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b" \n\n\t ", "no_text_layer"),
        (b"\xff\xfea\x00b", "corrupt"),
        (b"\x81\x8d\x8f\x90\x9d" * 9 + b"\xff\x00\x81", "corrupt"),
    ],
)
def test_what_cannot_be_read_has_a_status(data: bytes, status: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_txt(data, LIMITS)
    assert caught.value.status == status


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(Unreadable, match="more than 3 characters"):
        read_txt(b"four", Limits(characters=3))


@given(st.text(max_size=200))
def test_every_line_stands_where_its_offsets_say(text: str) -> None:
    try:
        found = read_txt(text.encode("utf-8", errors="replace"), LIMITS)
    except Unreadable as failure:
        assert failure.status in ("no_text_layer", "corrupt")  # noqa: PT017
        return
    assert "\n\n" not in found.text
    assert [line.start for line in found.lines] == sorted(line.start for line in found.lines)
    assert all(found.text[line.start : line.end].strip() for line in found.lines)
    covered = " ".join(found.text[line.start : line.end] for line in found.lines)
    assert "".join(covered.split()) == "".join(found.text.split())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Réduction des coûts grâce à la renégociation. Passage à un nouvel outil, à Nîmes.",
            "cp1252",
        ),
        (
            "Años de experiencia en empresas de todo tamaño. Compañeros, formación y diseño en español.",
            "cp1252",
        ),
        ("Coordenação da mudança, redução de custos, gestão e comunicação em português, São João.", "cp1252"),
        (
            "Kierownik zespołu. Odpowiedzialność za budżet, szkolenie nowych współpracowników. Życiorys.",
            "cp1250",
        ),
        (
            "Vedoucí týmu v oddělení výroby. Odpovědnost za rozpočet, školení nových kolegů. Životopis.",
            "cp1250",
        ),
    ],
)
def test_of_neighbouring_code_pages_the_one_with_the_letters_of_the_language(
    text: str, encoding: str
) -> None:
    found = read_txt(f"{text}\n{text}".encode(encoding), LIMITS)
    assert found.text.split("\n")[0] == text


def test_long_lines_that_all_begin_with_capitals_are_no_broken_paragraph() -> None:
    entries = [
        f"Master of Tides number {index}, College of Quays and Harbours (2006-20{index})"
        for index in range(10, 18)
    ]
    assert read_txt("\n".join(entries).encode(), LIMITS).text.split("\n") == entries
