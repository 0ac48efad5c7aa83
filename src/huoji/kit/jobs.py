"""The periodic tasks of kit itself: jobs of dead workers, the health checks, old rows."""

from datetime import datetime

from procrastinate.contrib.django import app

from huoji.kit import health, idempotency, ingest, log, process, set_aside, task

STALLED_S = 30  # a worker beats every 10 s
JOBS_KEPT_HOURS = 72


@app.periodic(cron="* * * * * */15", periodic_id="kit.retry_stalled")
@app.task(name="kit.retry_stalled", queue=task.QUEUE_PERIODIC, queueing_lock="kit.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Give the jobs of a killed worker to the living."""
    del timestamp
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        log.KIT.warning("job of a dead worker is repeated", extra={"job": stalled.task_name})
        await app.job_manager.retry_job(stalled)


@app.periodic(cron="17 * * * *", periodic_id="kit.forget_jobs")
@app.task(name="kit.forget_jobs", queue=task.QUEUE_PERIODIC, queueing_lock="kit.forget_jobs")
async def forget_jobs(timestamp: int) -> None:
    """Remove finished jobs; failed ones stay three days for the health page."""
    del timestamp
    await app.job_manager.delete_old_jobs(
        nb_hours=JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@task.periodic("kit.health", cron="* * * * * */30")
def check_health(now: datetime) -> None:
    """Run the checks, and remember for the availability whether pages were served."""
    served = any(row.alive and row.kind == "web" for row in process.processes(now=now))
    ingest.observe(ingest.PROBE, now=now, accepted=int(served), rejected=0 if served else 1)
    health.run_all(now=now)


@task.periodic("kit.forget", cron="23 * * * *")
def forget(now: datetime) -> None:
    """Remove what kit keeps only for a while."""
    idempotency.forget(now=now)
    ingest.forget(now=now)
    process.retire(now=now)
    set_aside.forget(now=now)
