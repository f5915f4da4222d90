"""All checks of a clone, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from spanwise.doctor.environment import examine_environment
from spanwise.doctor.finding import Finding
from spanwise.doctor.git import examine_git
from spanwise.doctor.leftovers import examine_leftovers
from spanwise.doctor.pipeline import examine_corpora, examine_pipeline
from spanwise.doctor.stores import examine_stores
from spanwise.errors import UserError
from spanwise.experiments import repository


def examine(root: Path, *, corpora: Sequence[str], remote: str | None, deep: bool) -> Iterator[Finding]:
    """Examine the clone in `root`.

    Args:
        root: The repository.
        corpora: The names of those that the settings read.
        remote: The DVC remote to look into; the default one where it is `None`.
        deep: Whether objects are read, not merely looked for.
    """
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "environment": lambda: examine_environment(root),
        "corpora": lambda: examine_corpora(root, corpora),
        "pipeline": lambda: examine_pipeline(root),
        "stores": lambda: examine_stores(root, remote, deep=deep),
        "git": lambda: examine_git(root, _outs(root)),
        "leftovers": lambda: examine_leftovers(root),
    }
    for name, check in checks.items():
        try:
            yield from check()
        except UserError as error:
            where = f"{error.location}: " if error.location else ""
            yield Finding(name, "error", f"{where}{error.reason}", error.hint)


def _outs(root: Path) -> list[str]:
    """The outputs that DVC keeps, as paths from the root."""
    with repository(root) as repo:
        top = Path(repo.root_dir)
        return sorted(
            Path(out.fs_path).relative_to(top).as_posix() for out in repo.index.outs if out.use_cache
        )
