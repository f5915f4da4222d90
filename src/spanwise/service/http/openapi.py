"""What OpenAPI 3.1 says of requests and problems, with an example of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from spanwise.service.contract import Endpoint
from spanwise.service.http.answering import MODEL, VERSION
from spanwise.service.http.answers import Problem
from spanwise.service.http.bodies import FILES, FORM, JSON
from spanwise.service.http.problems import KINDS, MEDIA_TYPE, ProblemError
from spanwise.service.http.security import ADMIN, DOCS, PUBLIC, role_for
from spanwise.service.http.settings import Settings
from spanwise.service.http.versions import LONGEST, PATTERN
from spanwise.service.operations.examples import EXAMPLES
from spanwise.service.operations.options import OPTIONS

_NO_REQUEST = "0f8fad5bd9cb469fa16570867728950e"
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to ask."},
    429: {
        "Retry-After": "Seconds.",
        "RateLimit": "What is left of the quota.",
        "RateLimit-Policy": "The quota.",
    },
    503: {"Retry-After": "Seconds."},
}


def body_of(endpoint: Endpoint, settings: Settings) -> dict[str, Any]:
    """The body of an endpoint: a text or texts as JSON, or files as a form; and its options."""
    options: dict[str, Any] = OPTIONS[endpoint].model_json_schema()["properties"]
    text = {"type": "string", "minLength": 1, "maxLength": settings.max_characters}
    several = {"minItems": 1, "maxItems": settings.max_documents}
    file = {"type": "string", "format": "binary"}
    told, asked = EXAMPLES[endpoint]
    examples = {
        "text": {"summary": "One text", "value": {"text": told}},
        "texts": {"summary": "Several texts, and options", "value": {"texts": [told, told], **asked}},
    }
    one = _object({"text": text}, options, "text")
    many = _object({"texts": {"type": "array", "items": text, **several}}, options, "texts")
    form = _object({FILES: {"type": "array", "items": file, **several}}, _plain(options), FILES)
    return {
        "required": True,
        "content": {JSON: {"schema": {"anyOf": [one, many]}, "examples": examples}, FORM: {"schema": form}},
    }


def version_parameters() -> list[dict[str, Any]]:
    """How a version is asked for."""
    schema = {"type": "string", "pattern": PATTERN, "maxLength": LONGEST}
    told = (
        "A version, a stage, a model, or `name@v1.2.0`; the one in production by default. The query goes "
        "before the header."
    )
    return [
        {"name": name, "in": place, "required": False, "description": told, "schema": schema}
        for name, place in (("version", "query"), (VERSION, "header"))
    ]


def problems(statuses: Collection[int]) -> dict[int | str, dict[str, Any]]:
    """The responses of some statuses, with an example of each code that they come with."""
    return {status: _problem(status) for status in sorted(statuses)}


def describe(app: FastAPI, *, keyed: bool) -> dict[str, Any]:
    """The OpenAPI document of an application.

    Args:
        app: It.
        keyed: Whether it takes API keys.
    """
    found = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
    )
    components = found.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _problem_schema(components["schemas"])
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    for path, operations in found["paths"].items():
        for operation in operations.values():
            _complete(path, operation, keyed=keyed)
    return found


def _complete(path: str, operation: dict[str, Any], *, keyed: bool) -> None:
    """Add what all operations have: security, what a framework would say of a 422, headers of an answer."""
    if path in ADMIN or (keyed and path not in PUBLIC | {DOCS}):
        operation["security"] = [{"bearer": []}, {"header": []}]
        operation["description"] = f"{operation.get('description', '')} Role: `{role_for(path)}`.".strip()
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        responses |= {str(status): told for status, told in problems((400, 401, 415, 422, 429, 503)).items()}
    if "requestBody" in operation and "200" in responses:
        responses["200"]["headers"] = {
            name: {"schema": {"type": "string"}, "description": "What answered."} for name in (MODEL, VERSION)
        }


def _problem(status: int) -> dict[str, Any]:
    codes = [code for code, kind in KINDS.items() if kind.status == status]
    examples = {code: {"value": ProblemError(code).value() | {"request_id": _NO_REQUEST}} for code in codes}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    headers = {
        name: {"schema": {"type": "string"}, "description": told}
        for name, told in _HEADERS.get(status, {}).items()
    }
    told = "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes)
    return {"description": told, "content": content, "headers": headers}


def _problem_schema(schemas: dict[str, Any]) -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs")
    return schema


def _object(documents: Mapping[str, Any], options: Mapping[str, Any], required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**documents, **options},
        "required": [required],
        "additionalProperties": False,
    }


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as a form has them, which knows no null: what is absent is left out."""
    found = {}
    for name, option in options.items():
        choices = [choice for choice in option.get("anyOf", ()) if choice.get("type") != "null"]
        rest = {key: value for key, value in option.items() if key not in {"anyOf", "default"}}
        found[name] = {"anyOf": choices, **rest} if choices else option
    return found
