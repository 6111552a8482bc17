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
    load_per_core: Annotated[float, Field(gt=0, description="checklist, infra.resources: the 5-minute average")] = 0.8
    disk_ratio: Annotated[Ratio, Field(description="checklist, infra.resources: of the bytes and of the inodes of a file system")] = 0.80
    redis_memory_ratio: Annotated[Ratio, Field(description="runbook, Pre-Deployment 3: Redis memory usage <80%")] = 0.80
    backlog_jobs: Annotated[int, Field(ge=0, description="jobs on a queue that counts as cleared: everyday traffic has some")] = 10
    backlog_wait_s: Annotated[Seconds, Field(description="how long a longer queue may take to be worked off")] = 60.0
    certificate_days: Annotated[float, Field(ge=0, description="checklist, staging.tls: left before a certificate expires")] = 14.0
    test_data_age_s: Annotated[Seconds, Field(description="checklist, staging.test-data: 7 days")] = 604_800.0
    drill_age_s: Annotated[Seconds, Field(description="checklist, prod.rollback-tested: 7 days")] = 604_800.0
    rollback_s: Annotated[Seconds, Field(description="runbook, Quick Rollback: < 5 minutes")] = 300.0
    log_silence_s: Annotated[Seconds, Field(description="an application that is used writes more often than this")] = 3600.0
    clock_offset_s: Annotated[Seconds, Field(description="beyond it, times on a server cannot be compared with ours")] = 30.0
    response_p95_ms: Annotated[float, Field(gt=0, description="runbook, Success Criteria: p95 < 500 ms")] = 500.0
    failed_jobs: Annotated[int, Field(ge=0, description="runbook: no increase")] = 0
    appointment_sync_s: Annotated[Seconds, Field(description="from creating a test appointment to its final sync state")] = 30.0
    webhook_time_s: Annotated[Seconds, Field(description="from accepting a test event to the final state of its effect")] = 30.0
    mail_time_s: Annotated[Seconds, Field(description="from asking for a test mail to its arrival")] = 60.0
    canary_time_s: Annotated[Seconds, Field(description="from putting a canary on a queue to its being finished")] = 30.0
    sms_time_s: Annotated[Seconds, Field(description="from accepting a test message to its delivery")] = 30.0
    waiting_job_age_s: Annotated[Seconds, Field(description="no job waits longer for a worker")] = 60.0
    statement_s: Annotated[Seconds, Field(description="checklist, perf.database: no statement runs longer than 5 s")] = 5.0
    lock_wait_s: Annotated[Seconds, Field(description="a shorter wait for a lock is everyday work")] = 1.0
    slow_statements: Annotated[int, Field(ge=0, description="slow-log entries of the last 10 minutes")] = 10
    redis_p50_ms: Annotated[float, Field(gt=0, description="PING timed on the server, without the network to it")] = 2.0
    redis_p99_ms: Annotated[float, Field(gt=0, description="PING timed on the server: a command of somebody else's blocks it")] = 50.0
    memory_available_ratio: Annotated[Ratio, Field(description="checklist, perf.memory: of all memory")] = 0.20
    server_growth_ratio_per_h: Annotated[float, Field(gt=0, description="of all memory; a server that grows more will not last")] = 0.10
    worker_growth_bytes_per_h: Annotated[int, Field(gt=0, description="of one worker process, once it has warmed up")] = 134_217_728
    worker_growth_floor_bytes: Annotated[int, Field(ge=0, description="growth by less over a watch is noise")] = 4_194_304
    server_growth_floor_ratio: Annotated[float, Field(ge=0, description="of all memory; growth by less over a watch is noise")] = 0.01
    step_growth_ratio: Annotated[float, Field(gt=1, description="of the median of the last five deployments")] = 3.0
    step_growth_s: Annotated[Seconds, Field(description="a step that takes no longer than this more is not called slower")] = 60.0
    swap_growth_bytes: Annotated[int, Field(ge=0, description="since before the deployment; less is noise")] = 67_108_864
    error_ratio: Annotated[Ratio, Field(description="runbook, Success Criteria: error rate < 0.1 %")] = 0.001
    metrics_age_s: Annotated[Seconds, Field(description="an older sample says nothing about now")] = 60.0
    compared_requests: Annotated[int, Field(ge=1, description="fewer requests are not compared with others")] = 200
    noise_ratio: Annotated[float, Field(ge=1, description="response times that grew by less are noise")] = 1.5
    degraded_ratio: Annotated[float, Field(ge=1, description="checklist, criteria.performance: within 2 x baseline")] = 2.0
    response_floor_s: Annotated[Seconds, Field(description="faster answers are never called degraded")] = 0.1
    ci_wait_s: Annotated[Seconds, Field(description="how long checks that still run on the release commit are waited for")] = 300.0
    coverage_ratio: Annotated[Ratio, Field(description="runbook, Testing Complete: coverage > 80 % of lines")] = 0.80
    skipped_ratio: Annotated[Ratio, Field(description="of integration or E2E tests, at most this share was skipped")] = 0.10
    performance_age_s: Annotated[Seconds, Field(description="checklist, tests.performance: at most 7 days old")] = 604_800.0
    hotfix_files: Annotated[int, Field(ge=1, description="checklist, hotfix.minimal")] = 10
    hotfix_lines: Annotated[int, Field(ge=1, description="checklist, hotfix.minimal: added and removed lines")] = 200
    review_within_s: Annotated[Seconds, Field(description="checklist, hotfix.review: due within 7 days after the window")] = 604_800.0
    queue_depth: Annotated[int, Field(ge=0, description="jobs on a queue, if the baseline does not have more")] = 10
    vendor_time_s: Annotated[Seconds, Field(description="checklist, deps.calcom: a vendor's answer in time")] = 5.0
    on_call_after_s: Annotated[Seconds, Field(description="checklist, comms.on-call: the hour after the window")] = 3600.0
    on_call_production_after_s: Annotated[Seconds, Field(description="checklist, prod.on-call: the window plus 24 h")] = 86_400.0
