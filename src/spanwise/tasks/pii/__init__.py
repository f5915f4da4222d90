"""Personal data in documents: found, then masked at one of three levels."""

from __future__ import annotations

from spanwise.splits.tiers import tier_of_label
from spanwise.tasks.base import Task
from spanwise.tasks.pii.headline import masked_f2

TASK = Task(tier=tier_of_label, headline=masked_f2)
