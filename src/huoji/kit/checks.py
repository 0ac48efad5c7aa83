"""The health checks of kit itself: processes, outbox, jobs, disk, backup, and the sources that fell silent."""

import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from huoji.kit import apart, health, ingest, mark, outbox, process, set_aside
from huoji.kit.health import Result, State

OUTBOX_WARN = timedelta(seconds=30)
OUTBOX_FAIL = timedelta(minutes=5)
JOBS_WAIT_FAIL = timedelta(minutes=15)
DISK_WARN_BYTES = 5 * 1024**3
DISK_FAIL_BYTES = 1024**3
BACKUP_FAIL = timedelta(hours=26)
VERIFIED_WARN = timedelta(days=8)
PERIODIC = "task:"


def register() -> None:
    """Put the checks into the registry."""
    health.check("processes", _("进程"))(processes)
    health.check("outbox", _("待发消息"))(messages)
    health.check("set_aside", _("搁置的数据"))(things_set_aside)
    health.check("stuck", _("算不出的对象"))(stuck)
    health.check("jobs", _("后台任务"))(jobs)
    health.check("disk", _("磁盘空间"))(disk)
    health.check("backup", _("备份"))(backup)
    health.check("ingest", _("数据来源"))(sources)


def processes(now: datetime) -> Result:
    missing = process.missing_kinds(now=now)
    alive = [row for row in process.processes(now=now) if row.alive]
    figures = {"alive": len(alive), "missing": missing}
    if missing:
        return Result(state=State.FAIL, figures=figures, advice=_("有进程停止了心跳，请看它的日志"))
    return Result(state=State.OK, figures=figures)


def messages(now: datetime) -> Result:
    backlog = outbox.backlog()
    age = now - backlog.oldest_at if backlog.oldest_at else timedelta(0)
    figures = {"waiting": backlog.waiting, "oldest_age_s": round(age.total_seconds(), 1), "dead": backlog.dead}
    if backlog.dead:
        return Result(state=State.FAIL, figures=figures, advice=_("有消息多次投递失败，请在下方查明原因后重试"))
    if age > OUTBOX_FAIL:
        return Result(state=State.FAIL, figures=figures, advice=_("消息积压，请检查后台进程"))
    return Result(state=State.WARN if age > OUTBOX_WARN else State.OK, figures=figures)


def things_set_aside(now: datetime) -> Result:
    """Fail when something received waits for a person because no table takes it."""
    del now
    count, waiting = set_aside.counts()
    figures = {"waiting": count, "given_up": waiting}
    if waiting:
        return Result(
            state=State.FAIL, figures=figures, advice=_("有收到的数据无法入库，请在下方看原因，然后重试或丢弃")
        )
    return Result(state=State.WARN if count else State.OK, figures=figures)


def stuck(now: datetime) -> Result:
    """Fail when background work leaves somebody out because it fails at him."""
    failing = apart.failing(now=now)
    figures = {
        "failed": sum(each.data["failed"] for each in failing),
        "stuck": [f"{each.name.removeprefix(apart.STUCK)} {number}" for each in failing for number in each.data["ids"]],
        "error": next((each.data["error"] for each in failing), None),
    }
    if failing:
        return Result(
            state=State.FAIL, figures=figures, advice=_("有对象总是算不出来，其余不受影响；请把编号和错误告诉开发者")
        )
    return Result(state=State.OK, figures=figures)


def jobs(now: datetime) -> Result:
    due = ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=now)
    events = due.aggregate(oldest=Min("procrastinateevent__at"))
    age = now - events["oldest"] if events["oldest"] else timedelta(0)
    failed = ProcrastinateJob.objects.filter(status="failed").count()
    broken = [row.name.removeprefix(PERIODIC) for row in mark.all_of(PERIODIC) if not row.ok]
    figures = {
        "waiting": due.count(),
        "oldest_age_s": round(age.total_seconds(), 1),
        "failed": failed,
        "periodic_failing": broken,
    }
    if broken or age > JOBS_WAIT_FAIL:
        return Result(state=State.FAIL, figures=figures, advice=_("定时任务失败或任务积压，请看后台进程的日志"))
    return Result(state=State.WARN if failed else State.OK, figures=figures)


def disk(now: datetime) -> Result:
    del now
    usage = shutil.disk_usage(settings.HUOJI.data_dir)
    figures = {"free_bytes": usage.free, "total_bytes": usage.total}
    if usage.free < DISK_FAIL_BYTES:
        return Result(state=State.FAIL, figures=figures, advice=_("磁盘将满，请清理或扩容数据目录所在的磁盘"))
    return Result(state=State.WARN if usage.free < DISK_WARN_BYTES else State.OK, figures=figures)


def backup(now: datetime) -> Result:
    """Judge the marks `backup` and `restore_verified` that the backup leaves."""
    last, verified = mark.last("backup"), mark.last("restore_verified")
    figures = {
        "last_at": last.at.isoformat() if last else None,
        "verified_at": verified.at.isoformat() if verified and verified.ok else None,
    }
    if last is None:
        return Result(state=State.WARN, figures=figures, advice=_("还没有备份，请运行 `huoji backup`"))
    if not last.ok or (verified is not None and not verified.ok):
        return Result(state=State.FAIL, figures=figures, advice=_("上次备份或其恢复验证失败，请看后台进程的日志"))
    if now - last.at > BACKUP_FAIL:
        return Result(state=State.FAIL, figures=figures, advice=_("最近一次备份已超过 26 小时"))
    if verified is None or now - verified.at > VERIFIED_WARN:
        return Result(state=State.WARN, figures=figures, advice=_("备份尚未通过恢复验证"))
    return Result(state=State.OK, figures=figures)


def sources(now: datetime) -> Result:
    """Fail when a source that used to speak has said nothing for as long as the operator allows."""
    after = timedelta(hours=settings.HUOJI.source_silent_hours)
    silent = [row.name for row in ingest.sources(now=now) if row.is_silent(now=now, after=after)]
    figures = {"silent": silent}
    if silent:
        return Result(state=State.FAIL, figures=figures, advice=_("有数据来源长时间没有消息，请联系对方或检查网络"))
    return Result(state=State.OK, figures=figures)
