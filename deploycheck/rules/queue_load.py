"""Whether a queue is worked off as it was before the deployment."""

from __future__ import annotations

import itertools
from collections.abc import Sequence


def queue_shortfalls(
    depths: Sequence[int],
    interval_s: float,
    oldest_s: float | None,
    *,
    depth_before: int,
    oldest_before_s: float | None,
    depth_limit: int,
    age_limit_s: float,
) -> list[str]:
    """Return what a queue has more of than before: jobs, growth, age.

    Args:
        depths: jobs at each of several looks, `interval_s` apart, oldest first; at least one.
        depth_limit, age_limit_s: what is fine whatever the baseline was.
    """
    shortfalls = []
    allowed = max(depth_before, depth_limit)
    if depths[-1] > allowed:
        shortfalls.append(f"{depths[-1]:,} jobs are on it; expected at most {allowed:,} ({depth_before:,} before the deployment)")
    pairs = list(itertools.pairwise(depths))
    if pairs and all(later > earlier for earlier, later in pairs) and depths[-1] > allowed / 2:
        rate = (depths[-1] - depths[0]) / (interval_s * len(pairs))
        shortfalls.append(f"it grows by {rate:.1f} jobs per second ({', '.join(map(str, depths))}); expected it to be worked off")
    allowed_s = max(oldest_before_s or 0.0, age_limit_s)
    if oldest_s is not None and oldest_s > allowed_s:
        shortfalls.append(f"its oldest job has waited for {oldest_s:,.0f} s; expected at most {allowed_s:,.0f} s")
    return shortfalls
