"""What a version is, in words and figures, from its commit."""

from __future__ import annotations

from pathlib import Path

from spanwise.errors import UserError
from spanwise.registry.ledger import Event
from spanwise.registry.page import Described, Figures
from spanwise.registry.snapshot import revision_of, snapshot


def describing(root: Path) -> Described:
    """Describes versions of the repository in `root`; one whose commit is not here has no figures."""

    def describe(event: Event) -> tuple[str, Figures]:
        try:
            with snapshot(root, revision_of(event)) as own:
                return f"{own.settings.task.name}, {own.settings.model.name}", own.figures
        except UserError:
            return "", {}

    return describe
