"""How far confidence can be trusted, and what may be accepted without review."""

from __future__ import annotations

from pydantic import Field

from spanwise.reporting.sources.records import Metrics


class Threshold(Metrics):
    """What a confidence threshold accepts: how much of it is right, and how much there is."""

    threshold: float
    precision: float | None = None
    precision_low: float | None = None
    precision_high: float | None = None
    coverage: float | None = None
    recall: float | None = None


class Automation(Metrics):
    """What may be accepted without review; `share` is a share of the gold spans.

    `threshold` is undefined where no threshold reaches `target_precision`, for the `reason` given.
    """

    target_precision: float
    threshold: float | None = None
    reason: str | None = None
    precision: float | None = None
    precision_low: float | None = None
    precision_high: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    coverage: float | None = None
    coverage_low: float | None = None
    coverage_high: float | None = None


class Voucher(Metrics):
    """The validation spans, or groups of documents, that vouch for a promise."""

    threshold: float | None = None
    accepted: int | None = None
    risk: float | None = None
    p_value: float | None = None
    reason: str | None = None


class Guarantee(Automation):
    """A threshold whose accepted spans miss `target_precision` with a chance of about `error_rate`.

    See `spanwise.calibration.guarantee`, also for what the promise rests on; `by_group` is the threshold for
    the mean over groups of documents.
    """

    error_rate: float | None = None
    validation: Voucher = Voucher()
    by_group: Voucher = Voucher()


class HighValue(Automation):
    """One type that matters most; `pooled` is its threshold if it is that of all types together."""

    support: int | None = None
    pooled: bool = False


class MeanConfidence(Metrics):
    """The mean confidence of right, wrong and missed spans."""

    true_positive: float | None = None
    false_positive: float | None = None
    false_negative: float | None = None


class Counts(Metrics):
    """How many spans were right, wrong and missed; no prediction overlaps the last kind."""

    true_positive: int | None = None
    false_positive: int | None = None
    false_negative: int | None = None
    false_negative_without_overlap: int | None = None


class ToReview(Metrics):
    """How many spans of a document are left to people."""

    mean: float | None = None
    median: float | None = None
    p90: float | None = None


class Review(Metrics):
    """What is left to do by document where some of the spans are accepted, and people review the others.

    Of the `documents`, `automatic` are accepted whole, `review` are not, and in `silent` nothing was found.
    """

    documents: int
    automatic: int | None = None
    review: int | None = None
    silent: int | None = None
    mean_share_automatic: float | None = None
    spans_to_review_per_document: ToReview = ToReview()
    errors_passed_per_document: float | None = None
    missed_per_document: float | None = None
    automation_rate: float | None = None
    automation_rate_low: float | None = None
    automation_rate_high: float | None = None


class Risk(Metrics):
    """How much of what is accepted of one type is wrong; `few` marks those of which too little is."""

    accepted: int | None = None
    false_positives: int | None = None
    precision: float | None = None
    precision_low: float | None = None
    precision_high: float | None = None
    few: bool = False
    rank: int | None = None


class MethodScore(Metrics):
    """How well a way to calibrate predicts what is right; lower is better."""

    log_loss: float | None = None
    brier: float | None = None
    ece: float | None = None
    aurc: float | None = None


class SplitConfidence(Metrics):
    """How far confidence can be trusted on one side of the split, calibrated and raw."""

    ece: float | None = None
    ece_raw: float | None = None
    aurc: float | None = None
    aurc_raw: float | None = None
    thresholds: list[Threshold]
    automation: Automation
    mean_confidence: MeanConfidence = MeanConfidence()
    counts: Counts = Counts()
    brier: float | None = None
    brier_raw: float | None = None
    guaranteed: Guarantee | None = None
    documents: Review | None = None
    high_value: dict[str, HighValue] = Field(default_factory=dict)
    types: dict[str, Risk] = Field(default_factory=dict)

    def by_risk(self) -> list[tuple[str, Risk]]:
        """The types from the most to the fewest errors that pass; those of an unknown rank last."""
        return sorted(self.types.items(), key=lambda item: (item[1].rank or len(self.types) + 1, item[0]))


class ServedBackend(Metrics):
    """Whether a further backend may serve predictions, and the micro-F1 that it loses on validation."""

    admitted: bool
    f1_loss: float


class Trust(Metrics):
    """`metrics/confidence.json`; `methods` are scored on validation spans that they were not fitted on."""

    test: SplitConfidence
    validation: SplitConfidence | None = None
    methods: dict[str, MethodScore] = Field(default_factory=dict)
    backends: dict[str, ServedBackend] = Field(default_factory=dict)
