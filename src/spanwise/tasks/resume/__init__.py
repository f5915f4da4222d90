"""Résumés: spans of the fields of a CV, and what they make together, a JSON Resume."""

from __future__ import annotations

from spanwise.metrics.spans import micro_f1
from spanwise.splits.tiers import tier_of_label
from spanwise.tasks.base import Task

TASK = Task(tier=tier_of_label, headline=micro_f1)
