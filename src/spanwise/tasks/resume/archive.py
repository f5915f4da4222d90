"""A parser as one file: a zip archive of JSON and safetensors with the digest of every member.

Nothing in it is code, and nothing is unpickled. What its manifest does not name is refused before it is
unpacked, and so is a member that would land elsewhere, is larger than the manifest says, or was altered.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field as Bounded
from pydantic import JsonValue, ValidationError

from spanwise.errors import UserError
from spanwise.io import atomic
from spanwise.schema import Record

MANIFEST = "manifest.json"
FORMAT: Literal["spanwise-resume-parser"] = "spanwise-resume-parser"
VERSION: Literal[1] = 1
MANIFEST_BYTES = 1_000_000
TOTAL_BYTES = 4_000_000_000
SUFFIXES = frozenset(
    {".json", ".jsonl", ".safetensors", ".txt", ".onnx", ".data", ".model", ".md", ".yaml", ".lock", ".jinja"}
)

_CHUNK = 1 << 20
_PLAIN = re.compile(r"[\w][\w .+-]*")
_FIXED = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes


class Member(Record):
    """A file of the archive: its size in bytes and its SHA-256 digest."""

    size: Annotated[int, Bounded(ge=0, le=TOTAL_BYTES)]
    sha256: Annotated[str, Bounded(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Record):
    """What an archive holds: how the parser is set up, and its files."""

    format: Literal["spanwise-resume-parser"] = FORMAT
    version: Literal[1] = VERSION
    settings: dict[str, JsonValue]
    files: dict[str, Member]


def write_archive(path: Path, settings: Mapping[str, Any], folder: Path | None = None) -> None:
    """Write an archive, the same bytes for the same content.

    Args:
        path: Where to.
        settings: In JSON's types.
        folder: Of a model, whose files are packed; None packs none.

    Raises:
        UserError: If the folder holds a file of a kind that is not data, a link, or too much.
    """
    files = {} if folder is None else _files(folder)
    members = {name: Member(size=file.stat().st_size, sha256=_digest(file)) for name, file in files.items()}
    if sum(member.size for member in members.values()) > TOTAL_BYTES:
        raise UserError(f"holds more than {TOTAL_BYTES:,} bytes", path=folder)
    manifest = Manifest(settings=dict(settings), files=members)
    with atomic(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST, _FIXED), manifest.model_dump_json(indent=2))
        for name, file in files.items():
            with (
                file.open("rb") as source,
                archive.open(zipfile.ZipInfo(name, _FIXED), "w", force_zip64=True) as target,
            ):
                while chunk := source.read(_CHUNK):
                    target.write(chunk)


def read_archive(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into an empty folder, after every check, and return its settings.

    Raises:
        UserError: If it is no such archive, or anything in it is not as its manifest says.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            for name, member in manifest.files.items():
                _unpack(archive, name, member, folder, path)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        if isinstance(error, FileNotFoundError):
            raise UserError("no such file", path=path) from None
        raise UserError("not an archive of a parser: it is damaged, or no zip file", path=path) from None
    return dict(manifest.settings)


def _files(folder: Path) -> dict[str, Path]:
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_dir() and not file.is_symlink():
            continue
        if file.is_symlink() or file.suffix not in SUFFIXES:
            raise UserError("is no data: an archive holds JSON, safetensors, ONNX and text alone", path=file)
        found[file.relative_to(folder).as_posix()] = file
    return found


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    names = archive.namelist()
    if names.count(MANIFEST) != 1 or archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES:
        raise UserError("not an archive of a parser: it has no manifest", path=path)
    with archive.open(MANIFEST) as file:
        content = file.read(MANIFEST_BYTES + 1)
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise UserError("its manifest is not valid", path=path) from None
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise UserError("refused: its members are not those of its manifest", path=path)
    if sum(member.size for member in manifest.files.values()) > TOTAL_BYTES:
        raise UserError(f"refused: it would take more than {TOTAL_BYTES:,} bytes", path=path)
    for name in manifest.files:
        _check_name(name, path)
    return manifest


def _check_name(name: str, path: Path) -> None:
    parts = PurePosixPath(name).parts
    inside = bool(parts) and "/".join(parts) == name and all(_PLAIN.fullmatch(part) for part in parts)
    if not inside or ".." in parts or PurePosixPath(name).suffix not in SUFFIXES:
        raise UserError(f"refused: its member {name!r} is no data file of a model", path=path)


def _unpack(archive: zipfile.ZipFile, name: str, member: Member, folder: Path, path: Path) -> None:
    """Write one member, and stop at the first byte more than it may have: a bomb is never inflated."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise UserError(f"refused: its member {name!r} is compressed", path=path)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    known, size = hashlib.sha256(), 0
    with archive.open(name) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > member.size:
                break
            known.update(chunk)
            file.write(chunk)
    if size != member.size or known.hexdigest() != member.sha256:
        target.unlink()
        raise UserError(f"refused: its member {name!r} is not the one that was packed", path=path)


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
