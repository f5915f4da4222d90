"""Making the registry's tags, by GTO."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spanwise.deployment import Stage
from spanwise.errors import UserError


def tag_version(root: Path, name: str, version: str, commit: str, message: str, *, push: bool) -> str:
    """Give a commit a version, and return the tag.

    Args:
        root: The repository.
        name: Of the model.
        version: Such as `v1.2.0`.
        commit: Its SHA.
        message: Of the tag.
        push: Whether the remote `origin` gets the tag, and with it the commit.

    Raises:
        UserError: If GTO or the remote refuses.
    """
    with _refusals():
        from gto import api

        return str(api.register(root, name, commit, version=version, message=message, push=push).tag)


def tag_stage(root: Path, name: str, version: str, stage: Stage, message: str, *, push: bool) -> str:
    """Put a version into a stage, whether it stood there before or not, and return the tag.

    Raises:
        UserError: As `tag_version`.
    """
    with _refusals():
        from gto import api

        return str(api.assign(root, name, stage, version=version, message=message, force=True, push=push).tag)


def tag_deprecation(root: Path, name: str, version: str, message: str, *, push: bool) -> str:
    """Say of a version that it must not be put anywhere any more, and return the tag.

    Raises:
        UserError: As `tag_version`.
    """
    with _refusals():
        from gto import api

        return str(api.deregister(root, name, version=version, message=message, push=push).tag)


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell what GTO refuses as the user's error."""
    try:
        from gto.exceptions import GTOException
        from scmrepo.exceptions import SCMError
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("this takes GTO", hint=hint) from None
    try:
        yield
    except (GTOException, SCMError) as error:
        raise UserError(f"GTO refuses: {getattr(error, 'msg', None) or error}") from error
