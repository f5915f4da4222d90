"""What a reader should take away, the most important first."""

from __future__ import annotations

from spanwise.reporting.answers.failures import tell_kinds
from spanwise.reporting.answers.learning import tell_tuning
from spanwise.reporting.answers.limits import tell_cut, tell_leak, tell_size
from spanwise.reporting.answers.pace import tell_time
from spanwise.reporting.answers.quality import tell_acceptable, tell_overall, tell_weak
from spanwise.reporting.answers.readiness import assess, recommend
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.answers.trust import tell_threshold

MOST = 10  # sentences


def summarise(sources: Sources, *, level: float) -> list[str]:
    """At most ten sentences; the sections of a page tell the rest."""
    return [
        *tell_leak(sources),
        *tell_tuning(sources, level)[:1],
        *tell_overall(sources, level),
        *tell_acceptable(sources),
        *recommend(sources, assess(sources))[:1],
        *tell_kinds(sources),
        *list(tell_weak(sources))[:1],
        *list(tell_size(sources))[:1],
        *tell_cut(sources),
        *tell_threshold(sources),
        *tell_time(sources.speed),
    ][:MOST]
