"""The heads as they are stored, read without torch: of which kind they are, and the chain of a CRF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from spanwise.artifact import HEAD
from spanwise.chains import Chain, bio_constraints
from spanwise.chains.chain import Floats
from spanwise.errors import UserError

Kind = Literal["softmax", "crf", "pointer", "combined"]
KINDS: tuple[Kind, ...] = ("softmax", "crf", "pointer", "combined")
FACTS = "head"  # in the metadata of the stored heads


class Facts(NamedTuple):
    """What turns the encoder's output into spans, and whether these may overlap."""

    kind: Kind
    nested: bool

    @property
    def chained(self) -> bool:
        """Whether there is a CRF."""
        return self.kind in ("crf", "combined")

    @property
    def pointed(self) -> bool:
        """Whether there is a span head."""
        return self.kind in ("pointer", "combined")


def read_facts(folder: Path) -> Facts:
    """What the heads in `folder` are.

    Raises:
        UserError: If they are missing, damaged or of an unknown kind.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / HEAD, "np") as stored:
            facts = json.loads((stored.metadata() or {})[FACTS])
        kind = next(known for known in KINDS if known == facts["kind"])
        return Facts(kind, bool(facts["nested"]))
    except (OSError, StopIteration, LookupError, ValueError, TypeError, SafetensorError) as error:
        raise unreadable(folder, error) from error


def read_chain(folder: Path, tags: int) -> Chain | None:
    """The chain of the CRF whose weights are in `folder`; None where there is none.

    Args:
        folder: The folder of a model.
        tags: How many the model has.

    Raises:
        UserError: If the heads are missing, damaged, or not for so many tags.
    """
    if not read_facts(folder).chained:
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        weights = load_file(folder / HEAD)
        transitions, start, end = (weights[f"crf.{name}"] for name in ("transitions", "start", "end"))
        if (transitions.shape, start.shape, end.shape) != ((tags, tags), (tags,), (tags,)):
            raise ValueError(f"its weights are not for {tags} tags")
    except (OSError, LookupError, ValueError, SafetensorError) as error:
        raise unreadable(folder, error) from error
    return bio_chain(transitions.astype(np.float64), start.astype(np.float64), end.astype(np.float64))


def bio_chain(transitions: Floats, start: Floats, end: Floats) -> Chain:
    """The chain of these scores under the rules of BIO: see `Chain` for what each is."""
    moves, first = bio_constraints(len(start) // 2)
    return Chain(np.where(moves, transitions, -np.inf), np.where(first, start, -np.inf), end)


def unreadable(folder: Path, error: Exception) -> UserError:
    """What to say where the heads in `folder` cannot be used."""
    reason = str(error).splitlines()[0] if str(error) else "of an unknown kind"
    hint = "`dvc repro` or `dvc pull` brings a whole model; those of earlier versions have no such file."
    return UserError(f"the heads cannot be loaded: {reason}", path=folder / HEAD, hint=hint)
