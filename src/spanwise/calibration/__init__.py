"""From raw confidence to the chance of being right, and to what may be accepted without review.

Everything is fitted and chosen on validation; what is measured on the test side sees it only then.
"""

from __future__ import annotations

from spanwise.calibration.record import Calibration, apply

__all__ = ["Calibration", "apply"]
