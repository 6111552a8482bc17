"""The figures that checks compare with. Each default is the runbook's, or says where it comes from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0)]
Ratio = Annotated[float, Field(gt=0, le=1)]


class Thresholds(BaseModel):
    """`[thresholds]` of a profile."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    health_time_s: Annotated[Seconds, Field(description="runbook, Performance Check Script: a health answer takes at most 1 s")] = 1.0
    health_age_s: Annotated[Seconds, Field(description="an answer that is older was cached and says nothing about now")] = 60.0
    deployment_duration_s: Annotated[Seconds, Field(description="start line to switch; deploy.sh gives up after 1800 s")] = 1800.0
    marker_age_s: Annotated[Seconds, Field(description="an older marker is stale: nobody is deploying")] = 3600.0
    backup_size_ratio: Annotated[Ratio, Field(description="checklist, infra.backup: of the size of the backup before")] = 0.50
    backup_age_s: Annotated[Seconds, Field(description="checklist, infra.backup: 24 h")] = 86_400.0
    log_silence_s: Annotated[Seconds, Field(description="an application that is used writes more often than this")] = 3600.0
    clock_offset_s: Annotated[Seconds, Field(description="beyond it, times on a server cannot be compared with ours")] = 30.0
    failed_jobs: Annotated[int, Field(ge=0, description="runbook: no increase")] = 0
