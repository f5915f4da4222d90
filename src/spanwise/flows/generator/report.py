"""Tell what a generator can do."""

from __future__ import annotations

from spanwise.reporting.answers.page import write_report as run

__all__ = ["run"]
