"""JSON values as records of a format, and what is wrong with those that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import pydantic_core
from pydantic import BaseModel, ValidationError

from spanwise.errors import UserError

R = TypeVar("R", bound=BaseModel)


def parse_record(line: str, record: type[R], path: Path, number: int) -> R:
    """The JSON object on a line as a `record`.

    Raises:
        UserError: If it is none; the error names fields and what is expected of them, never their values.
    """
    try:
        return validate_record(pydantic_core.from_json(line), record)
    except ValueError as error:
        raise UserError(f"not valid JSON: {error}", path=path, line=number) from None
    except UserError as error:
        raise UserError(error.reason, path=path, line=number) from None


def validate_record(value: Any, record: type[R]) -> R:
    """A JSON value as a `record`.

    Raises:
        UserError: If it is none, as in `parse_record`.
    """
    try:
        return record.model_validate(value)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, detail['loc'])) or 'all of it'}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
    required = [name for name, field in record.model_fields.items() if field.is_required()]
    raise UserError(f"not a record with {', '.join(required)}: {faults}")
