"""A source in which each gate has something to hold, and its shorter form by an author."""

from __future__ import annotations

import random

SOURCE = (
    "Please note that the Corviko kettle must not be used near water, unless the yellow cap is "
    "closed. It boils up "
    "to 2 litres in about five minutes, and then it switches itself off at 98 °C. Never open "
    "the lid while it is "
    "hot. You can probably order spare filters and seals from Dario Vance, who works on Tuesdays only. Set "
    "retention_hours in kettle.yaml before the first use, because the default is 24 hours."
)
SHORTER = (
    "Corviko kettle must not be used near water, unless yellow cap is closed. Boils up to 2 "
    "litres in five minutes, "
    "then switches off at 98 °C. Never open lid while hot. You can probably order spare filters "
    "and seals from "
    "Dario Vance, Tuesdays only. Set retention_hours in kettle.yaml before first use: default 24 hours."
)


def made_up(number: int) -> tuple[str, str]:
    """A source with other names and numbers, and its shorter form."""
    drawn = random.Random(number)
    who = drawn.choice(["Dario Vance", "Imke Raddatz", "Signe Abara", "Jun Pell"])
    what = drawn.choice(["pump", "lamp", "valve", "drill", "tent"])
    day, degrees = drawn.randint(2, 28), drawn.randint(30, 90)
    source = (
        f"I am writing to let you know that the {what} which we bought from {who} on {day} May "
        "does not start any "
        "more, and that it was probably damaged by rain. It must never be heated above "
        f"{degrees} °C, because the "
        f"seals and the filters would melt. Please send a replacement within {day + 3} days, but only if the "
        f"guarantee is still valid. I have tried it twice in the garage with a spare cable and a new plug."
    )
    shorter = (
        f"The {what} bought from {who} on {day} May does not start, probably damaged by rain. "
        "Must never be heated "
        f"above {degrees} °C, because the seals and filters would melt. Send a replacement "
        f"within {day + 3} days, "
        f"only if guarantee valid. Tried it twice with spare cable and new plug."
    )
    return source, shorter
