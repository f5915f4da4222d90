"""Publishing a registered version on the Hugging Face Hub: never a document, never a prediction."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spanwise.corpora import digest
from spanwise.errors import UserError

REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
HUB = "https://huggingface.co"
CARD = "README.md"

ALLOWED = frozenset({".json", ".lock", ".md", ".model", ".onnx", ".safetensors", ".txt", ".yaml"})
"""What a package consists of; JSONL, in which documents are kept, is not among it."""
WITHHELD = ("predictions", "data")
"""Folders whose files hold texts."""


@dataclass(frozen=True)
class Upload:
    """A file that would be uploaded.

    Attributes:
        path: On the hub.
        size: In bytes.
        digest: SHA-256.
    """

    path: str
    size: int
    digest: str


def uploads(folder: Path) -> list[Upload]:
    """The files of a package that would be uploaded, sorted by path.

    Raises:
        UserError: If there is no card, or a file that a package does not have and that may hold texts.
    """
    if not (folder / CARD).is_file():
        raise UserError("holds no model card", path=folder, hint="`dvc repro report` writes one.")
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if name.parts[0] in WITHHELD or path.suffix not in ALLOWED:
            raise UserError("is no part of a model, and may hold texts", path=path)
        found.append(Upload(name.as_posix(), path.stat().st_size, digest(path)))
    return found


def check_repository(repository: str) -> None:
    """Refuse what is no repository's name on the hub.

    Raises:
        UserError: See above.
    """
    if not REPOSITORY.fullmatch(repository):
        raise UserError(f"{repository} is no repository on the hub", hint="Write organisation/name.")


def read_token(environment: Mapping[str, str] = os.environ) -> str:
    """The token of the environment.

    Raises:
        UserError: If there is none.
    """
    token = next((environment[name] for name in TOKENS if environment.get(name)), None)
    if token is None:
        raise UserError("publishing takes a token", hint=f"Set {TOKENS[0]} to one that may write.")
    return token


def publish(
    folder: Path,
    files: list[Upload],
    repository: str,
    *,
    version: str,
    message: str,
    token: str,
    private: bool = True,
    endpoint: str | None = None,
) -> str:
    """Upload a package in one commit, tag it with its version, and return the commit's address.

    A repository that is not there is made; files there that the package does not have are deleted.

    Args:
        folder: The package.
        files: Of it, see `uploads`.
        repository: On the hub, `organisation/name`.
        version: Such as `v1.2.0`: the tag.
        message: Of the commit.
        token: That may write.
        private: Whether a repository that is made is private.
        endpoint: Of the hub; by default `HF_ENDPOINT`, or the public one.

    Raises:
        UserError: If the hub refuses or cannot be reached, or the tag is there already.
    """
    try:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        raise UserError("publishing takes huggingface_hub", hint="pip install 'spanwise[report]'") from None
    # That of its HTTP client, which is another one from version to version.
    transport: type[BaseException] = HfHubHTTPError.__bases__[0]
    api = HfApi(endpoint=endpoint or os.environ.get("HF_ENDPOINT") or HUB, token=token)
    try:
        api.create_repo(repository, private=private, exist_ok=True)
        if version in {tag.name for tag in api.list_repo_refs(repository).tags}:
            raise UserError(f"{repository} has {version} already: a version is never replaced")
        there = set(api.list_repo_files(repository)) - {".gitattributes"}
        gone = sorted(there - {each.path for each in files})
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            *(CommitOperationAdd(each.path, folder / each.path) for each in files),
            *(CommitOperationDelete(path) for path in gone),
        ]
        commit = api.create_commit(repository, operations, commit_message=message)
        api.create_tag(repository, tag=version, revision=commit.oid)
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no status"
        raise UserError(f"the hub refuses: {status}", hint="Is the token one that may write there?") from None
    except (transport, OSError) as error:
        raise UserError(f"the hub cannot be reached: {type(error).__name__}") from None
    return str(commit.commit_url)
