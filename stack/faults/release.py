"""What a deployment leaves behind: marker, links."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.fault import fault

HOUR_S = 3600


@fault("marker-stale", "the deployment marker is there, two hours old: a deployment died")
def marker_stale(bench: Bench) -> None:
    """Nobody is deploying any more."""
    bench.create(bench.path("run/deployment_in_progress"), b"", age_s=2 * HOUR_S)


@fault("marker-fresh", "the deployment marker is there, a few seconds old: a deployment is under way")
def marker_fresh(bench: Bench) -> None:
    """Or has just died."""
    bench.create(bench.path("run/deployment_in_progress"), b"")


@fault("release-link-previous", "the release link of web2 still points at the previous release")
def release_link_previous(bench: Bench) -> None:
    """The switch left web2 out; its link is as old as the release before."""
    previous = bench.path("web2") / bench.previous("web2")
    bench.relink(bench.path("web2/current"), bench.previous("web2"), at_ns=previous.stat().st_mtime_ns)


@fault("release-link-dangling", "the release link of web2 points at a release that is not there")
def release_link_dangling(bench: Bench) -> None:
    """Its directory was pruned."""
    bench.relink(bench.path("web2/current"), "releases/20200101_000000-deadbeef")
