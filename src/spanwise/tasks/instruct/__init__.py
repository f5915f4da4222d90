"""Instructions: questions of hospital staff in French and English, and the answers to them."""

from __future__ import annotations

from spanwise.tasks.base import Task
from spanwise.tasks.instruct.headline import headline
from spanwise.tasks.instruct.tiers import tier_of_stratum

TASK = Task(tier=tier_of_stratum, headline=headline)
