from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.metrics.contexts import CONTEXTS, Context, contexts_of
from spanwise.schema import Span

MARK = re.compile(r"<(.*?)>", re.DOTALL)


def read(marked: str) -> tuple[str, list[Span]]:
    """A text and the mentions that stand in angle brackets in it."""
    text, spans, behind = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[behind : found.start()]
        spans.append(Span(start=len(text), end=len(text) + len(found[1]), label="A"))
        text += found[1]
        behind = found.end()
    return text + marked[behind:], spans


def holding(context: Context, marked: str) -> list[str]:
    """The marked mentions that stand in a context."""
    text, spans = read(marked)
    found = contexts_of(text, spans)
    return [text[span.start : span.end] for span, held in zip(spans, found, strict=True) if context in held]


SHORT_FORMS = (
    *("ECG", "CT", "HbA1c", "IgG", "EoE", "hCG", "C3d", "pT4a", "CA-125", "Ki-67", "NT-proBNP", "3TC"),
    *("E.C.G.", "PET/CT", "VIH", "CD4+", "HHV-6 DNA"),
)
WORDS = (
    *("Fever", "fever", "T", "7", "12-mm", "12.4%", "46,XX", "14F", "Leishmania", "(ECG)"),
    *(
        "ECHOCARDIOGRAPHY",
        "Chest CT",
        "IgM kappa",
        "CT of the body",
        "29 g/L",
        "4 °C",
        "grade 2",
        "At 1 year",
    ),
)


@pytest.mark.parametrize("mention", SHORT_FORMS)
def test_short_forms_are_abbreviations(mention: str) -> None:
    assert holding("abbreviation", f"An <{mention}> was done.") == [mention]


@pytest.mark.parametrize("mention", WORDS)
def test_words_and_measurements_are_no_abbreviations(mention: str) -> None:
    assert holding("abbreviation", f"An <{mention}> was done.") == []


@pytest.mark.parametrize(
    ("marked", "found"),
    [
        ("glycated haemoglobin (<Hb>) was raised", ["Hb"]),
        ("total parenteral nutrition [<Tpn>, <Left>]", ["Tpn"]),
        ("glycated haemoglobin <Hb>, was raised", []),
        ("he took aspirin (<Daily>)", []),
        ("he took aspirin (<aspi>)", []),
        ("globin in the blood (<Hb>)", []),  # the first letter begins no word
        ("(<Hb>) was raised", []),
    ],
)
def test_one_capital_is_enough_in_brackets_behind_the_long_form(marked: str, found: list[str]) -> None:
    assert holding("abbreviation", marked) == found


def test_a_long_form_is_sought_only_in_the_words_before_the_bracket() -> None:
    assert holding("abbreviation", f"haemoglobin {'and so on ' * 5}(<Hb>)") == []


def test_numbers_are_digits_and_cardinals_of_both_languages() -> None:
    marked = (
        "<HbA1c> <4 mm> <three weeks> <twenty-six days> <Six> <deux fois> <soixante ans> <often> <une toux>"
    )
    assert holding("number", marked + " <tender> <stone>") == [
        *("HbA1c", "4 mm", "three weeks", "twenty-six days", "Six", "deux fois", "soixante ans"),
    ]


@pytest.mark.parametrize(
    ("marked", "found"),
    [
        # Of the embedded case notes.
        ("She had no <pain>, but <early satiety> and left <leg swelling>.", ["pain"]),
        ("He could not give a history, but staff reported no <vomiting>.", ["vomiting"]),
        ("bloating without <guarding>; <bowel sounds> were high-pitched", ["guarding"]),
        ("She denied <alcohol>, and there was no <erosion> seen.", ["alcohol", "erosion"]),
        ("It was strongly <positive> for C3d but negative for <IgG>.", ["IgG"]),
        ("He has had no <recurrence>.\nThe <scar> is pale.", ["recurrence"]),
        ("The resection was free of <tumor> (Fig. 2).", ["tumor"]),
        ("no evidence of recent or remote bleeding or <infarction>", ["infarction"]),
        ("Never a <smoker>, she cannot recall an <injury>.", ["smoker", "injury"]),
        ("Malaria was ruled out. <Dengue> was found.", []),
        # French.
        ("Le patient n'a pas de <fièvre>, mais une <toux> grasse.", ["fièvre"]),
        ("Aucune <allergie> connue. <Diabète> traité.", ["allergie"]),
        ("Absence d\u2019<épanchement>, sans <fracture> visible", ["épanchement", "fracture"]),
        ("ni <nausées> ni <vomissements>", ["nausées", "vomissements"]),
    ],
)
def test_negation_reaches_from_a_cue_to_the_end_of_its_sentence_or_clause(
    marked: str, found: list[str]
) -> None:
    assert holding("negation", marked) == found


@pytest.mark.parametrize(
    "marked",
    [
        "There was no increase in <size>.",
        "No significant change of the <lesion>.",
        "not only <fever>",
        "He walked without difficulty to his <bed>.",
        "pas d'augmentation de la <taille>",
        "une pneumonie, sans doute <virale>",
        "L'examen n\u2019exclut pas une <fracture>.",
    ],
)
def test_pseudo_negations_negate_nothing(marked: str) -> None:
    assert holding("negation", marked) == []


@pytest.mark.parametrize(
    "marked",
    [
        "inhaled NO <therapy>",
        "PAS <stain>",
        "a nonsmoker with <asthma>",
        "lymphome non <hodgkinien>",
        "<no pain>",
    ],
)
def test_what_only_looks_like_a_cue_is_none(marked: str) -> None:
    assert holding("negation", marked) == []


def test_negation_reaches_over_five_words_and_no_further() -> None:
    assert holding("negation", "no a, b, c, d, e, <f>") == ["f"]
    assert holding("negation", "no a, b, c, d, e, f, <g>") == []


def test_a_line_that_goes_on_in_lower_case_is_one_sentence() -> None:
    assert holding("negation", "There was no\n<fever>.") == ["fever"]
    assert holding("negation", "Allergies: no\n<Fever> since Monday") == []


def test_blank_lines_before_lower_case_end_nothing_but_what_follows_may() -> None:
    assert holding("negation", "There was no\n \n\n<fever>.") == ["fever"]
    assert holding("negation", "There was no pain\n\nbut <fever>.") == []
    assert holding("negation", "There was no pain\n \n<Fever>.") == []


def test_a_full_stop_inside_a_number_or_before_lower_case_ends_no_sentence() -> None:
    assert holding("negation", "without 0.5 mg of <codeine>") == ["codeine"]
    assert holding("negation", "no i.v. <codeine>") == ["codeine"]


@given(
    text=st.text(alphabet="no but. ECG1(\n"), places=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)))
)
def test_each_span_has_its_contexts_whatever_the_others_are(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start=start, end=start + length, label="A") for start, length in places]
    found = contexts_of(text, spans)
    assert found == [contexts_of(text, [span])[0] for span in spans]
    assert all(held == tuple(context for context in CONTEXTS if context in held) for held in found)
