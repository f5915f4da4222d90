"""Made-up answers for the tests of the task `instruct`."""

from __future__ import annotations

from typing import Any

from spanwise.schema import Answer, Prediction

PROTOCOL = """\
1. Vérifier l'identité du patient.
2. Arrêter la perfusion sans attendre.
3. Appeler le médecin de garde."""
TERMS = ["identité", "arrêter", "médecin"]


def predicted(
    text: str,
    *,
    name: str = "a",
    group: str = "g",
    reference: str = PROTOCOL,
    finished: bool = True,
    **attributes: Any,
) -> Prediction:
    """An answer to a French protocol, or to what the attributes say instead; None leaves one out."""
    known = {"language": "fr", "category": "protocol", "must_include": TERMS, **attributes}
    return Prediction(
        id=name,
        text="Que faire ?",
        group=group,
        reference=reference,
        answer=Answer(text=text, tokens=20, finished=finished, minimum=0.1, likelihood=0.6),
        attributes={key: value for key, value in known.items() if value is not None},
    )
