"""What a version must show before it is put into a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from spanwise.deployment import Kind
from spanwise.registry.figures import Drawing, change
from spanwise.registry.snapshot import Leak, Snapshot
from spanwise.reporting.readiness import Evidence, Verdict, judge
from spanwise.reporting.sources.confidence import Automation
from spanwise.reporting.sources.evaluation import Score

READINESS: tuple[Verdict, ...] = ("not ready", "assisted", "threshold", "automatic")
"""From the least on."""


@dataclass(frozen=True)
class Gates:
    """Which gates there are.

    Attributes:
        minimum: The least micro-F1 on test, by kind; of instructions the least mean chrF.
        regression: Whether a version may not be worse, beyond chance, than the one that stands in the stage.
        calibration: Whether there must be a calibration of its confidence.
        leak: Whether its split must have been checked for leaks, and have none.
        remote: Whether the remote must have its bytes.
        readiness: The least that its report must allow, by kind, see `reporting.readiness`; answers of
            instructions have no such verdict.
    """

    minimum: Mapping[Kind, float] = field(default_factory=dict)
    regression: bool = True
    calibration: bool = True
    leak: bool = True
    remote: bool = True
    readiness: Mapping[Kind, Verdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """What came of one gate.

    Attributes:
        gate: Its name.
        passed: Whether it is open.
        reason: Why, or why not.
        of_figures: Whether a reason that is given can stand in for it: what a model holds cannot be argued
            with, what it scores can.
    """

    gate: str
    passed: bool
    reason: str
    of_figures: bool = False


def examine(
    candidate: Snapshot,
    standing: Snapshot | None,
    kind: Kind,
    gates: Gates,
    drawing: Drawing,
    *,
    faults: Sequence[str],
) -> list[Passage]:
    """What comes of each gate that is set.

    Args:
        candidate: The version that is to be promoted.
        standing: The one that stands in the stage; None where there is none.
        kind: Of the model.
        gates: Which there are.
        drawing: Of the paired bootstrap.
        faults: What the remote lacks, see `outputs.missing_in_remote`.
    """
    found: list[Passage] = []
    if gates.remote:
        found.append(Passage("remote", not faults, "; ".join(faults) or "the remote has its bytes"))
    if gates.calibration:
        found.append(_calibration(candidate))
    if gates.leak:
        found.append(_leak(candidate.leak))
    if kind in gates.minimum:
        found.append(_minimum(candidate, gates.minimum[kind]))
    if gates.regression:
        found.append(_regression(candidate, standing, drawing))
    if kind in gates.readiness:
        found.append(_readiness(candidate, gates.readiness[kind]))
    return found


def _calibration(candidate: Snapshot) -> Passage:
    calibration = candidate.calibration
    if calibration is None:
        return Passage("calibration", False, "the commit has no models/calibration.json")
    return Passage("calibration", True, f"{calibration.method}, fitted on {calibration.spans} spans")


def _leak(leak: Leak | None) -> Passage:
    if leak is None:
        return Passage("leak", False, "metrics/tier_split.json tells of no check for leaks")
    shared = [
        f"{number} {what} on both sides"
        for number, what in ((leak.groups_across, "groups"), (leak.twins_across, "twins"))
        if number
    ]
    return Passage("leak", not shared, ", ".join(shared) or "no group and no twin on both sides of the split")


def _minimum(candidate: Snapshot, least: float) -> Passage:
    scored = candidate.candidate
    if scored is None:
        return Passage("minimum", False, "the commit has no score", of_figures=True)
    told = f"{scored.measure} {scored.f1:.3f}, at least {least:.3f} is asked for"
    return Passage("minimum", scored.f1 >= least, told, of_figures=True)


def _regression(candidate: Snapshot, standing: Snapshot | None, drawing: Drawing) -> Passage:
    if standing is None:
        return Passage("regression", True, "nothing stands there", of_figures=True)
    found = change(standing, candidate, drawing)
    passed = found.verdict in {"better", "within chance"}
    return Passage("regression", passed, f"{found.verdict}: {found.told}", of_figures=True)


def _readiness(candidate: Snapshot, least: Verdict) -> Passage:
    found = _assess(candidate)
    if found is None:
        return Passage("readiness", False, "the commit's figures allow no verdict", of_figures=True)
    told = f"{found}, at least {least} is asked for"
    return Passage("readiness", READINESS.index(found) >= READINESS.index(least), told, of_figures=True)


def _assess(candidate: Snapshot) -> Verdict | None:
    """The report's verdict on all types together; None without what it takes."""
    scored, leak = candidate.candidate, candidate.leak
    test = candidate.confidence.get("test") or {}
    if scored is None or scored.scores.answers is not None or leak is None:
        return None
    try:
        points = [Automation.model_validate(test[key]) for key in ("automation", "guaranteed") if key in test]
    except ValidationError:
        return None
    if not points:
        return None
    evidence = Evidence(
        name=None,
        target=points[0].target_precision,
        score=Score(**scored.scores.strict.micro.model_dump(include=set(Score.model_fields))),
        documents=scored.scores.documents or 0,
        points=tuple(sorted(points, key=lambda point: -(point.share or 0.0))),
        leaks=bool(leak.groups_across or leak.twins_across),
    )
    return judge(evidence).verdict
