"""What every bench says about the machine, and small arithmetic."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence


def describe() -> str:
    """Cores, Python and the load average of the last minute: other work on the machine moves every figure."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{cores} cores, Python {platform.python_version()}, load average {load}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def verdict(name: str, found: float, wanted: float, *, at_least: bool) -> str:
    """One line that says whether a yardstick of the design is met."""
    met = found >= wanted if at_least else found <= wanted
    sign = ">=" if at_least else "<="
    return f"{'MET   ' if met else 'MISSED'}  {name}: {found:.2f} (wanted {sign} {wanted:g})"
