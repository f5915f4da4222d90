"""Which version a request means: `prod`, `v1.2.0`, `name`, `name@staging` and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spanwise.deployment import STAGES, Stage
from spanwise.service.contract import Endpoint
from spanwise.service.engine.bundles import Bundle

Standing = Mapping[tuple[str, Stage], Bundle]
"""What answers for a stage of a model."""

PRODUCTION: Stage = "prod"


def choose(
    endpoint: Endpoint, asked: str | None, standing: Standing, loaded: Iterable[Bundle]
) -> Bundle | None:
    """The version that is asked for, if it is loaded.

    Args:
        endpoint: Where it must answer.
        asked: None is production. Where several models answer at an endpoint, the first by name is meant, of
            those that have the version or stage; `name@...` is any other.
        standing: What answers for each stage.
        loaded: All that could answer.
    """
    name, at = _parts(asked)
    here = [bundle for bundle in loaded if bundle.endpoint == endpoint and name in {None, bundle.key.name}]
    found = [bundle for bundle in here if at in _called(bundle, standing)]
    # Of one number in several models, the one in production.
    found.sort(
        key=lambda bundle: (standing.get((bundle.key.name, PRODUCTION)) is not bundle, bundle.key.name)
    )
    return found[0] if found else None


def _parts(asked: str | None) -> tuple[str | None, str]:
    """A model's name, if one is said, and its stage or version."""
    if asked is None:
        return None, PRODUCTION
    name, given, at = asked.rpartition("@")
    if given:
        return name, at
    # No name of a model has a dot.
    return (None, asked) if asked in STAGES or "." in asked else (asked, PRODUCTION)


def _called(bundle: Bundle, standing: Standing) -> set[str]:
    """What the version may be asked for by."""
    stages = {stage for stage in STAGES if standing.get((bundle.key.name, stage)) is bundle}
    return {bundle.key.version, *stages}
