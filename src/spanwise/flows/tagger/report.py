"""Tell what a tagger can do."""

from __future__ import annotations

from spanwise.reporting.page import write_report as run

__all__ = ["run"]
