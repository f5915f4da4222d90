"""Asking a running service whether it runs what is deployed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from spanwise.deployment import Deployment, Kind, Stage, Version
from spanwise.errors import UserError
from spanwise.registry.known import digest_of, folder_digest
from spanwise.registry.ledger import Ledger

TIMEOUT = 10.0
"""Seconds to wait for an answer."""
PATHS: Mapping[Kind, str] = {"ner": "/v1/extract"}
"""Where the kinds answer that have known answers."""


def verify(
    url: str, deployment: Deployment, name: str, stage: Stage, *, key: str | None = None
) -> Iterator[str]:
    """What differs between a running service and a deployment; nothing where it runs what stands there.

    Args:
        url: Of the service, such as `http://127.0.0.1:8000`.
        deployment: What it should run.
        name: The model.
        stage: Where it stands.
        key: Of the service's interface, where it asks for one.

    Raises:
        UserError: If the deployment has no such model there, or the service does not answer.
    """
    registered = deployment.models.get(name)
    expected = registered.stages.get(stage) if registered else None
    if registered is None or expected is None:
        raise UserError(f"no version of {name} is deployed in {stage}")
    models = _ask(url, "/v1/models", key=key)
    states = [each for each in models["models"] if each.get("name") == name]
    standing = [each["version"] for each in states if stage in each.get("stages", ())]
    if standing != [expected]:
        yield f"{stage} should be {name} {expected}, the service says {', '.join(standing) or 'nothing'}"
    own = next((each for each in states if each.get("version") == expected), None)
    if own is None:
        yield f"{name} {expected} is not loaded"
        return
    if own.get("state") != "ready":
        yield f"{name} {expected} is {own.get('state')}: {own.get('reason') or 'no reason given'}"
        return
    version = registered.versions[expected]
    yield from _differing_bytes(own.get("digest"), version, f"{name} {expected}")
    yield from _differing_answer(url, name, expected, version, key)


def behind(ledger: Ledger, deployment: Deployment) -> Iterator[str]:
    """Where the tags have moved on since a deployment was written."""
    for name in ledger.names:
        registered = deployment.models.get(name)
        stages = registered.stages if registered else {}
        for stage, version in ledger.stages(name).items():
            if stages.get(stage) != version:
                there = stages.get(stage, "nothing")
                yield f"the tags put {name} {version} into {stage}, the deployment has {there}"


def _differing_bytes(found: Any, version: Version, what: str) -> Iterator[str]:
    expected = folder_digest(version.files)
    if found != expected:
        yield f"{what} has the digest {str(found)[:12]}, the deployment {expected[:12]}"


def _differing_answer(url: str, name: str, expected: str, version: Version, key: str | None) -> Iterator[str]:
    known, path = version.known, PATHS.get(version.kind)
    if known is None or path is None:
        return
    asked = f"{path}?{urlencode({'version': f'{name}@{expected}'})}"
    answered = _ask(url, asked, body={"texts": [known.text]}, key=key)
    if answered.get("version") != expected:
        yield f"{path} answered as {answered.get('version')} and not as {expected}"
    try:
        (result,) = answered["results"]
        found = digest_of(version.kind, result)
    except (KeyError, TypeError, ValueError):
        yield f"{path} answers in another form"
        return
    if found != known.digest:
        yield f"{name} {expected} gives another answer to the known text than when it was deployed"


def _ask(url: str, path: str, *, body: Any = None, key: str | None) -> Any:
    """The JSON of an answer; a message never quotes it."""
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    if not url.startswith(("http://", "https://")):
        raise UserError(f"{url} is no address of a service", hint="Write http://127.0.0.1:8000.")
    request = urllib.request.Request(f"{url.rstrip('/')}{path}", data=data, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise UserError(f"{url} answers {path.partition('?')[0]} with {error.code} {error.reason}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{url} does not answer: {getattr(error, 'reason', None) or error}") from None
