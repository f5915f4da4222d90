"""Shorter prompts that say the same: compressors, and whether the meaning stayed."""

from __future__ import annotations

from spanwise.splits.tiers import tier_of_label
from spanwise.tasks.base import Task
from spanwise.tasks.compression.agreement import headline

TASK = Task(tier=tier_of_label, headline=headline)
