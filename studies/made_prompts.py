"""Prompts made up from a seed: English and French prose with numbers, negations and links, code, JSON, lists.

What is between ⟨ and ⟩ is planted: a shorter prompt must hold it, letter for letter. Where it stands is known
from the making, not from how the gates find numbers, negations and links.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr"]

OPENERS: dict[Language, tuple[str, ...]] = {
    "en": (
        "Please note that",
        "I would like you to know that",
        "As you may already know,",
        "It is important to note that",
        "In general,",
        "To be quite honest with all of you,",
        "As was mentioned in the last meeting of the team,",
        "For the sake of completeness, it should be mentioned that",
        "After a rather long discussion with everybody involved,",
        "Basically,",
    ),
    "fr": (
        "Veuillez noter que",
        "Il est important de noter que",
        "Comme vous le savez déjà tous et toutes,",
        "En général,",
        "Pour être tout à fait complet, il faut savoir que",
        "Comme cela a été rappelé lors de la dernière réunion de l'équipe,",
        "Après une assez longue discussion avec toutes les personnes concernées,",
        "D'ailleurs,",
        "Il convient de noter que",
        "En ce qui concerne la suite du projet,",
    ),
}
CORES: dict[Language, tuple[str, ...]] = {
    "en": (
        "the large valve in the old building must ⟨not⟩ be ⟨opened⟩ before the inspection of ⟨{day} May⟩",
        "the patient in the last room is given ⟨{decimal} mg⟩ of the drug in the morning and in the evening",
        "the nightly import of the data took about ⟨{count} minutes⟩ on the new server in the cellar",
        "the support team should ⟨never⟩ ⟨send⟩ the complete list of the customers to anybody outside",
        "the shipment will be sent again ⟨only⟩ ⟨after⟩ the payment of ⟨€{money}⟩ has been received",
        "the complete documentation for the interface can be found at ⟨{url}⟩ together with some examples",
        "the function ⟨{identifier}⟩ in the module is called by most of the older programs of the company",
        "the ticket ⟨{ticket}⟩ was opened by a customer in the north who waited for a very long time",
        "the oven should be heated to ⟨{count} °C⟩ and the dough should rest ⟨without⟩ any ⟨cover⟩ on it",
        "the change is rejected ⟨unless⟩ ⟨two⟩ of the reviewers have read it and have agreed in writing",
        "the members of the committee do ⟨not⟩ ⟨want⟩ a new contract with the supplier of the machines",
        "between the two releases the share of the failed requests fell from ⟨{decimal} %⟩ to ⟨{other} %⟩",
        "the answer must be written to ⟨{mail}⟩ by everybody who took part in the long survey of the spring",
        "the file ⟨{path}⟩ is read once when the service starts and then again after each of the changes",
        "all of the rooms on the upper floor are open on weekdays, ⟨except⟩ the ⟨library⟩ at the end of it",
    ),
    "fr": (
        "la grande vanne de l'ancien bâtiment ⟨ne⟩ ⟨doit⟩ ⟨pas⟩ être ouverte avant la visite du ⟨{day} mai⟩",
        "le patient de la deuxième chambre reçoit ⟨{virgule} mg⟩ du médicament le matin et le soir",
        "l'import des données de la nuit a duré environ ⟨{count} minutes⟩ sur le nouveau serveur de la cave",
        "l'équipe du support n'⟨envoie⟩ ⟨jamais⟩ la liste complète des clients à une personne extérieure",
        "le colis sera envoyé de nouveau ⟨seulement⟩ ⟨après⟩ la réception du paiement de ⟨{money} €⟩",
        "la documentation complète de l'interface se trouve à l'adresse ⟨{url}⟩ avec plusieurs exemples",
        "la fonction ⟨{identifier}⟩ de ce module est appelée par la plupart des anciens programmes",
        "le ticket ⟨{ticket}⟩ a été ouvert par un client du nord qui attendait depuis très longtemps",
        "il n'y a ⟨aucune⟩ ⟨réponse⟩ de la part du fournisseur des machines depuis la réunion du printemps",
        "la modification est refusée ⟨sauf⟩ ⟨accord⟩ écrit de ⟨deux⟩ des personnes qui l'ont relue",
        "les membres du comité ⟨ne⟩ ⟨veulent⟩ ⟨plus⟩ de contrat avec le fournisseur des grandes machines",
        "entre les deux versions, la part des requêtes en échec est passée de ⟨{virgule} %⟩ à ⟨{autre} %⟩",
        "la réponse doit être écrite à ⟨{mail}⟩ par toutes les personnes qui ont participé à l'enquête",
        "le fichier ⟨{path}⟩ est lu une fois au démarrage du service et ensuite après chacune des versions",
        "le traitement est poursuivi pendant ⟨{count} jours⟩ ⟨sans⟩ ⟨interruption⟩ avec l'accord du médecin",
    ),
}
TAILS: dict[Language, tuple[str, ...]] = {
    "en": (
        ", which is of course something that all of us have known for quite some time.",
        ", and this is really the most important point of the whole message.",
        ", as has been the case in all of the years before this one.",
        ", and we would be very grateful for your kind help with this matter.",
        ". This was discussed at great length, and everybody seemed to be happy with it in the end.",
        ".",
    ),
    "fr": (
        ", ce que tout le monde sait bien entendu depuis un certain temps déjà.",
        ", et c'est vraiment le point le plus important de tout ce message.",
        ", comme cela a été le cas au cours de toutes les années précédentes.",
        ", et nous vous serions très reconnaissants de votre aide dans cette affaire.",
        ". Cela a été longuement discuté, et tout le monde semblait satisfait à la fin.",
        ".",
    ),
}
BLOCKS = (
    "```python\ndef total(values):\n    # a comment that stays\n    return sum(values) / {count}\n```",
    '{{"order": "{ticket}", "amount": {money}, "paid": false}}',
    "name: {ticket}\nlimit: {count}\nretries: {day}",
    "| part | pieces |\n|---|---|\n| bolt | {count} |\n| nut | {day} |",
)
SHARE_OF_BLOCKS, SHARE_OF_LISTS = 0.12, 0.15  # of the paragraphs
_PLANTED = re.compile("⟨(.*?)⟩", re.DOTALL)


@dataclass(frozen=True)
class Made:
    """A prompt that was made up.

    Attributes:
        text: The prompt.
        language: Of its prose.
        planted: Start and end of each piece that a shorter one must still hold, in order.
    """

    text: str
    language: Language
    planted: tuple[tuple[int, int], ...]


def made(number: int, seed: int) -> Made:
    """The prompt of this number: three to eight paragraphs of one to four sentences, or a block each."""
    draw = random.Random(f"{seed}/{number}")  # noqa: S311 - for texts, not for keys
    language: Language = draw.choice(("en", "fr"))
    told = "\n\n".join(_paragraph(draw, language) for _ in range(draw.randint(3, 8)))
    # Two signs stand around each piece, and go.
    places = tuple(
        (found.start() - 2 * index, found.end() - 2 * index - 2)
        for index, found in enumerate(_PLANTED.finditer(told))
    )
    return Made(_PLANTED.sub(r"\1", told), language, places)


def _paragraph(draw: random.Random, language: Language) -> str:
    kind = draw.random()
    if kind < SHARE_OF_BLOCKS:
        return f"⟨{draw.choice(BLOCKS).format(**_values(draw))}⟩"
    sentences = [_sentence(draw, language) for _ in range(draw.randint(1, 4))]
    if kind < SHARE_OF_BLOCKS + SHARE_OF_LISTS:
        return "\n".join(f"- {sentence}" for sentence in sentences)
    return " ".join(sentences)


def _sentence(draw: random.Random, language: Language) -> str:
    core = draw.choice(CORES[language]).format(**_values(draw))
    opener, tail = draw.choice(OPENERS[language]), draw.choice(TAILS[language])
    return f"{opener} {core}{tail}"


def _values(draw: random.Random) -> dict[str, str | int]:
    decimal, other = (f"{draw.randint(0, 99)}.{draw.randint(1, 99)}" for _ in range(2))
    word = draw.choice(("parse", "load", "merge", "send", "count"))
    thing = draw.choice(("order", "users", "table", "query"))
    return {
        "day": draw.randint(1, 31),
        "count": draw.randint(2, 900),
        "decimal": decimal,
        "other": other,
        "virgule": decimal.replace(".", ","),
        "autre": other.replace(".", ","),
        "money": draw.choice((draw.randint(1, 999), f"{draw.randint(1, 99)}.{draw.randint(10, 99)}")),
        "url": f"https://{word}.example/{thing}/{draw.randint(1, 99)}?page={draw.randint(1, 9)}",
        "identifier": draw.choice((f"{word}_{thing}", f"{word}{thing.title()}", f"{thing}.{word}()")),
        "ticket": f"{thing[:3].upper()}-{draw.randint(1000, 99999)}",
        "mail": f"{word}.{thing}@mail.example",
        "path": f"/etc/{thing}/{word}.toml",
    }
