"""What may be coded without review: by span, by document and by type, at the thresholds of a policy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spanwise.calibration.acceptance import Block, Bootstrap, Side, acceptance, risk_by_type
from spanwise.calibration.fitting import FEWEST_SPANS
from spanwise.calibration.guarantee import Certificate
from spanwise.calibration.thresholds import Policy
from spanwise.metrics.confidence import overlooked
from spanwise.metrics.spans import Flags, Floats, Integers


def readiness(side: Side, policy: Policy, bootstrap: Bootstrap) -> Block:
    """`automation`, `guaranteed`, `documents`, `high_value` and `types`, by the functions below."""
    accepted = side.accepted(policy.threshold)
    return {
        "automation": automation(side, policy, bootstrap),
        "guaranteed": guaranteed(side, policy, bootstrap),
        "documents": simulate_documents(side, accepted, bootstrap),
        "high_value": high_value(side, policy, bootstrap),
        "types": dict(risk_by_type(side, accepted, bootstrap)),
    }


def automation(side: Side, policy: Policy, bootstrap: Bootstrap) -> Block:
    """What accepting every span from the chosen threshold on, without review, would mean.

    Returns:
        `target_precision`, `threshold` and the figures of `acceptance`. `reason` is there if nothing is
        accepted for want of a threshold.
    """
    figures = {
        "target_precision": policy.target_precision,
        "threshold": policy.threshold,
        **acceptance(side, side.accepted(policy.threshold), bootstrap),
    }
    if policy.threshold is None:
        figures["reason"] = _unreached(policy.target_precision, "validation spans")
    return figures


def guaranteed(side: Side, policy: Policy, bootstrap: Bootstrap) -> Block:
    """The same from the threshold on that keeps a promise; see `guarantee`.

    Returns:
        `target_precision`, `error_rate`, `threshold`, the figures of `acceptance`; under `validation` what
        vouches for the promise: how many spans were `accepted`, their `risk`, the `p_value`, and the
        `design_effect` if there is a threshold; and under `by_group` the same, without a design effect, with
        a `threshold` of its own for the mean over groups of documents. `reason` is there, in either, if no
        threshold could be certified.
    """
    held = policy.guaranteed
    figures = {
        "target_precision": policy.target_precision,
        "error_rate": policy.error_rate,
        "threshold": held.threshold,
        **acceptance(side, side.accepted(held.threshold), bootstrap),
        "validation": _vouching(held),
        "by_group": {
            "threshold": policy.guaranteed_by_group.threshold,
            **_vouching(policy.guaranteed_by_group),
        },
    }
    if held.reason is not None:
        figures["reason"] = held.reason
    if policy.guaranteed_by_group.reason is not None:
        figures["by_group"]["reason"] = policy.guaranteed_by_group.reason
    return figures


def high_value(side: Side, policy: Policy, bootstrap: Bootstrap) -> Mapping[str, Block]:
    """What the types that matter most gain from thresholds of their own.

    Returns:
        For each type its `support` (gold spans), `target_precision`, `threshold`, whether that is `pooled`
        (the threshold of all types together, as fewer than 20 validation spans of this one were predicted),
        and the figures of `acceptance` over its spans alone. `reason` tells why there is no threshold, or
        that the type is neither in the gold standard nor predicted.
    """
    return {name: _high_value(side, policy, name, bootstrap) for name in policy.high_value}


def _high_value(side: Side, policy: Policy, name: str, bootstrap: Bootstrap) -> Block:
    chosen = policy.high_value[name]
    of_predicted, of_gold = side.of_type(name)
    figures: Block = {
        "support": int(of_gold.sum()),
        "target_precision": policy.high_value_precision,
        "threshold": chosen.threshold,
        "pooled": chosen.pooled,
        **acceptance(side, side.accepted(chosen.threshold), bootstrap, label=name),
    }
    if not of_predicted.any() and not of_gold.any():
        figures["reason"] = "no span of this type, neither gold nor predicted"
    elif chosen.threshold is None:
        spans = "validation spans" if chosen.pooled else "validation spans of this type"
        figures["reason"] = _unreached(policy.high_value_precision, spans)
    return figures


def simulate_documents(side: Side, accepted: Flags, bootstrap: Bootstrap) -> Block:
    """What is left to do by document where some of the spans are accepted, and people review the others.

    Returns:
        `documents`, and how many of them are `automatic` (every predicted span is accepted), need `review`,
        or are `silent` (without a predicted span: nobody would look at them); `mean_share_automatic`, over
        documents that are not silent, the share of the spans that is accepted;
        `spans_to_review_per_document` as `mean`, `median` and `p90`; `errors_passed_per_document`, wrong
        spans accepted; and `missed_per_document`, gold spans that no predicted span overlaps, which review
        does not bring to light either; `automation_rate`, with interval, the share of the predicted spans
        that is accepted.
    """
    documents = len(side.predictions)
    predicted, taken, passed = (
        np.bincount(side.document[some], minlength=documents)
        for some in (np.ones_like(accepted), accepted, accepted & ~side.right)
    )
    missed = np.bincount(side.table.gold[overlooked(side.predictions), 0], minlength=documents)
    review = predicted - taken
    spoken = predicted > 0
    coverage = acceptance(side, accepted, bootstrap)
    return {
        "documents": documents,
        "automatic": int((spoken & (review == 0)).sum()),
        "review": int((review > 0).sum()),
        "silent": int((~spoken).sum()),
        "mean_share_automatic": _mean(taken[spoken] / predicted[spoken]),
        "spans_to_review_per_document": {
            "mean": _mean(review),
            "median": float(np.median(review)) if documents else None,
            "p90": float(np.percentile(review, 90)) if documents else None,
        },
        "errors_passed_per_document": _mean(passed),
        "missed_per_document": _mean(missed),
        **{key.replace("coverage", "automation_rate"): coverage[key] for key in _bounded("coverage")},
    }


def _bounded(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


def _mean(values: Integers | Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _vouching(held: Certificate) -> Block:
    figures: Block = {"accepted": held.accepted, "risk": held.risk, "p_value": held.p_value}
    return figures if held.design_effect is None else {**figures, "design_effect": held.design_effect}


def _unreached(target_precision: float, spans: str) -> str:
    return f"no threshold keeps {FEWEST_SPANS} or more {spans} at precision {target_precision:g}"
