"""A small cluster for tests: a scheduler and workers that are threads of this process."""

from __future__ import annotations

from typing import Any

import distributed

from vertebrisk.engines import clustered


def started(workers: int) -> Any:
    """A context that gives the cluster; all it says goes over the loopback address."""
    return distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        dashboard_address=clustered.FREE,
        scheduler_kwargs={"dashboard": False},
    )
