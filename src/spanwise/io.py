"""JSON, JSONL, CSV and text in and out: validated when read, atomic and byte-stable when written."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from spanwise.errors import UserError

R = TypeVar("R", bound=BaseModel)

DIGITS = 6  # decimals kept in JSON: below the noise of any figure here, above that of a float's last bits


def read_text(path: Path) -> str:
    """The file as UTF-8, with its line ends untouched, so that offsets stay true.

    Raises:
        UserError: If there is no such file, or it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError("no such file", path=path) from None
    except IsADirectoryError:
        raise UserError("is a folder where a file was expected", path=path) from None
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", path=path) from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"not UTF-8: byte {error.start} cannot be decoded",
            path=path,
            hint="Convert it first, e.g. `iconv -f latin1 -t utf-8`.",
        ) from None


def read_json(path: Path) -> Any:
    """The file's JSON value.

    Raises:
        UserError: If the file is missing or holds no valid JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise UserError(f"not valid JSON: {error.msg}", path=path, line=error.lineno) from None


def read_record(path: Path, record: type[R]) -> R:
    """The file's JSON object as a `record`.

    Raises:
        UserError: If the file is missing or holds something else.
    """
    return _validate(read_text(path), record, path, line=None)


def read_jsonl(path: Path, record: type[R]) -> Iterator[R]:
    """The file's lines as `record`s; blank lines are passed over.

    Raises:
        UserError: If the file is missing or a line holds something else, naming the line.
    """
    # Not str.splitlines: U+2028 and its like may stand unescaped inside a JSON string.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield _validate(line, record, path, number)


def _validate(text: str, record: type[R], path: Path, line: int | None) -> R:
    try:
        return record.model_validate_json(text)
    except ValidationError as error:
        # Messages name fields, never values: a value may be a patient's text.
        reasons = "; ".join(
            f"{'.'.join(map(str, detail['loc'])) or record.__name__}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise UserError(f"not a valid {record.__name__}: {reasons}", path=path, line=line) from None


def write_jsonl(path: Path, records: Iterable[BaseModel]) -> None:
    """Write one record a line, in the order given."""
    with atomic(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(record.model_dump_json(exclude_none=True) + "\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` with sorted keys and floats rounded to six decimals.

    Raises:
        ValueError: If a number is NaN or infinite: an undefined figure is `None`.
    """
    text = json.dumps(rounded(value), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with floats rounded to six decimals; `None` is an empty cell.

    Raises:
        ValueError: If a row is not as long as the header.
    """
    with atomic(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if len(row) != len(header):
                raise ValueError(f"{path}: {len(row)} cells in a row, {len(header)} in the header")
            writer.writerow(rounded(row))


def write_tables(
    folder: Path, header: Sequence[str], tables: Mapping[str, Iterable[Sequence[object]]]
) -> None:
    """Write a folder of tables with the same columns, `<name>.csv` each, in the place of what is there.

    Raises:
        ValueError: If a row is not as long as the header.
    """
    with atomic(folder) as part:
        for name, rows in tables.items():
            write_csv(part / f"{name}.csv", header, rows)


def rounded(value: Any) -> Any:
    """`value` with every float in it rounded, at any depth."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings as one mapping, with dotted keys; a section without any keeps its own key."""
    return dict(_leaves(values, ""))


def _leaves(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with its line ends as they are."""
    with atomic(path) as part:
        part.write_bytes(text.encode("utf-8"))


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A path to write to, file or folder, that takes the place of `path` only when all went well.

    Raises:
        UserError: If the folder it is in cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"no folder can be made here: {error.strerror}", path=path.parent) from error
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        part = Path(folder) / path.name
        yield part
        if path.is_dir() and part.exists():
            path.rename(Path(folder) / ".replaced")  # deleted with the temporary folder
        part.replace(path)
