"""What must stay of French prompts: negations of two words, elisions, decimal commas, dates, conditions."""

from __future__ import annotations

import pytest

from spanwise.tasks.compression.compressor import Compressor, gates
from spanwise.tasks.compression.equivalence.gates import check
from spanwise.tasks.compression.segments import segments

COMPRESSOR = Compressor(check=gates)

KEPT = [
    ("Veuillez noter que la vanne ne doit pas être ouverte avant la visite.", "ne doit pas"),
    ("Il est important de noter que les membres ne veulent plus de contrat.", "ne veulent plus"),
    (
        "Après une longue attente, le patient ne reçoit que deux comprimés le soir.",
        "ne reçoit que deux comprimés",
    ),
    ("De plus, l'appareil n'est ouvert qu'après l'accord du médecin de garde.", "n'est ouvert qu'après"),
    ("En effet, personne ne vient dans la salle de réunion de la petite équipe.", "personne ne vient"),
    ("Bonjour, le produit est non stérile et il reste dans la petite armoire.", "non stérile"),
    ("Le patient reçoit en général une dose de 12,5 mg de ce médicament le soir.", "12,5 mg"),
    ("La réunion de toute la petite équipe aura lieu le 13 mai dans la grande salle.", "13 mai"),
    ("Le colis sera envoyé seulement après la réception de tout le paiement.", "seulement après"),
    ("Il faut une seule dose de ce produit, et il faut le noter dans le dossier.", "seule dose"),
    ("Le colis est rendu, sauf si le client de la boutique a écrit avant la fin.", "sauf si"),
    ("Il convient de noter que le bloc est fermé à moins qu'il y ait une urgence.", "à moins qu'il"),
]
SPOILT = [
    ("Les lits ne sont plus libres dans ce service.", "Les lits ne sont libres dans ce service."),
    ("Il ne faut que deux jours pour la livraison.", "Il ne faut deux jours pour la livraison."),
    ("Personne ne doit entrer dans la salle.", "On doit entrer dans la salle."),
    ("Le produit est non stérile, selon la notice.", "Le produit est stérile, selon la notice."),
    ("Le tube n'est guère utile en cas de fièvre.", "Le tube est utile en cas de fièvre."),
    ("Prendre une seule dose de sirop par jour.", "Prendre une dose de sirop par jour."),
    ("Donner 12,5 mg de sirop par jour au patient.", "Donner 125 mg de sirop par jour au patient."),
    ("Donner de l'eau plutôt qu'un sirop sucré.", "Donner de l'eau, un sirop sucré."),
]


@pytest.mark.parametrize(("text", "kept"), KEPT)
def test_what_counts_stays_however_short_the_target(text: str, kept: str) -> None:
    assert kept in COMPRESSOR.compress(text, rate=0.5).text


@pytest.mark.parametrize(("source", "output"), SPOILT)
def test_a_spoilt_text_fails_a_gate(source: str, output: str) -> None:
    failures = check(source, output, extractive=False)
    assert {failure.gate for failure in failures} & {"negations", "numbers"}


def test_que_behind_pas_is_no_restriction() -> None:
    source = "Il ne pense vraiment pas que la dose est trop forte pour ce patient."
    assert check(source, "Il ne pense pas que la dose est trop forte pour ce patient.") == []


def test_elided_function_words_go_as_others_do() -> None:
    found = COMPRESSOR.compress("Veuillez noter qu'il s'agit de l'ouverture d'un nouveau service.")
    assert found.text == "s'agit l'ouverture nouveau service."


def test_a_french_list_with_semicolons_is_prose() -> None:
    text = "Agir :\n- arrêter la transfusion ;\n- garder la voie veineuse ;\n- appeler le médecin.\n"
    assert [segment.kind for segment in segments(text)] == ["prose"]


def test_lines_of_code_with_semicolons_are_code() -> None:
    text = "i = 0;\nrun(i);\nbreak;\n"
    assert [segment.kind for segment in segments(text)] == ["code"]


def test_json_beside_french_does_not_change_the_language() -> None:
    block = '{"order": "ORD-84646", "amount": 95.23, "paid": false, "status": "the order was not sent"}'
    prose = "La fonction de ce module est appelée par la plupart des anciens programmes de la société."
    assert (
        check(f"{prose}\n\n{block}", f"fonction module appelée anciens programmes société\n\n{block}") == []
    )
