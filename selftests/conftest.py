"""A stub gateway and a checkout of one's own, for self-tests that run the suite as a person does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selftests.house import House
from selftests.stub import Stub, healthy

# A busy machine answers late; how late is too late is for other tests.
HEALTH = '[health.overall]\npath = "/api/health"\n[thresholds]\nhealth_time_s = 9.0\n'


@pytest.fixture(scope="module")
def gateway() -> Iterator[Stub]:
    """A gateway that says it is healthy, and knows nothing else."""
    with Stub({"/api/health": lambda _: healthy()}) as stub:
        yield stub


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, gateway: Stub) -> House:
    """A checkout whose environment `stub` is that gateway, without servers."""
    made = House(tmp_path_factory.mktemp("checkout") / "house")
    made.profile(gateway.url, HEALTH)
    return made


# Files that bring gateways up take longest: where files run side by side, they begin.
_LONG = tuple(f"selftests/{name}" for name in ("detection/", "stack/", "predeploy/", "test_harmless.py", "test_residue.py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))
