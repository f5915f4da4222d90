"""The tiers of instructions: what is asked for, in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spanwise.schema import Example


def tier_of_stratum(examples: Sequence[Example], bounds: Mapping[str, int]) -> dict[str, str]:
    """Each stratum, `category/language`, is a tier of its own: those of four examples must not hide.

    Args:
        examples: The corpus.
        bounds: Not looked at: frequency says nothing about how hard an answer is.
    """
    del bounds
    return {stratum: stratum for stratum in sorted({name for each in examples for name in each.strata})}
