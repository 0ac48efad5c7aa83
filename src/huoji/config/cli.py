"""The command line: `huoji COMMAND`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from huoji.config import database, gateways, import_options, serve
from huoji.config.env import Env, SettingsError, load
from huoji.kit import postgres

Arguments = argparse.Namespace


class Needs(Enum):
    """What must be ready before a command runs."""

    NOTHING = "nothing"
    DJANGO = "Django alone: a long-running process never starts the database, which `up` looks after"
    RUNNING_DATABASE = "Django and a database, started for the time of the command if it does not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One row a command."""

    name: str
    says: str
    run: Callable[[Env, Arguments], int]
    options: Callable[[argparse.ArgumentParser], object] = lambda _parser: None
    needs: Needs = Needs.RUNNING_DATABASE


def _up(env: Env, given: Arguments) -> int:
    from huoji.config import up

    return up.up(env, with_demo=given.demo)


def _become(program: list[str]) -> int:
    os.execv(program[0], program)  # noqa: S606  a fixed argument list


def _web(env: Env, given: Arguments) -> int:
    if env.is_open:
        _set_up_django()
        from huoji.config import guard

        if wrong := guard.refusal(env):
            print(wrong, file=sys.stderr)
            return 1
    return 0 if given.check else _become(serve.web(env))


def _worker(_env: Env, _given: Arguments) -> int:
    from huoji.config import worker

    worker.main()
    return 0


def _gateway(env: Env, given: Arguments) -> int:
    if given.file and given.name != "ais":
        print("Only `huoji gateway ais` reads a file.", file=sys.stderr)
        return 2
    return gateways.run(env, given.name, file=given.file)


def _gateway_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=gateways.NAMES, help="which one")
    parser.add_argument(
        "--file", type=Path, help="ais alone: read this recording (- is standard input) instead of listening"
    )


def _writer(env: Env, _given: Arguments) -> int:
    if not env.nats_url:
        print("There is nothing to write: set HUOJI_NATS_URL, and gateways hand over through NATS.", file=sys.stderr)
        return 2
    from huoji.config import writer

    writer.main(env)
    return 0


def _migrate(_env: Env, _given: Arguments) -> int:
    from huoji.config import migrate

    migrate.migrate(verbosity=0)
    return 0


def _backup(env: Env, given: Arguments) -> int:
    from huoji.config import safekeeping

    return safekeeping.run_backup(env, folder=given.to)


def _restore(env: Env, given: Arguments) -> int:
    from huoji.config import safekeeping

    return safekeeping.run_restore(env, folder=given.folder.resolve(), only_try=given.only_try)


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="one backup, such as .huoji/backups/2026-11-23T033000Z")
    parser.add_argument(
        "--try", dest="only_try", action="store_true", help="prove that it can be restored; change nothing"
    )


def _rebuild(_env: Env, given: Arguments) -> int:
    from huoji.config import upkeep

    return upkeep.rebuild(everything=given.all)


def _retention(_env: Env, _given: Arguments) -> int:
    from huoji.config import upkeep

    return upkeep.retention()


def _doctor(env: Env, _given: Arguments) -> int:
    from huoji.config import doctor

    return doctor.doctor(env)


def _demo(env: Env, given: Arguments) -> int:
    from huoji.config import demo

    return demo.run(env, remove=given.remove, again=given.again, drive=given.drive)


def _demo_options(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--again", action="store_true", help="take it away and load it anew, up to this minute")
    how.add_argument(
        "--drive", action="store_true", help="let its vehicles drive on until Ctrl-C; `huoji up --demo` does so"
    )
    how.add_argument("--remove", action="store_true", help="take it away without trace")


def _createadmin(_env: Env, given: Arguments) -> int:
    from huoji.config import admin

    return admin.create(number=given.number, name=given.name)


def _admin_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", default="admin", help="staff number (工号) to sign in with; default: admin")
    parser.add_argument("--name", default="管理员", help="name shown to colleagues")


def _import(_env: Env, given: Arguments) -> int:
    from huoji.config import importing

    return importing.run(given)


def _manage(_env: Env, given: Arguments) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["huoji manage", *given.arguments])
    return 0


COMMANDS = [
    Command(
        name="up", says="run everything: database, pages, live stream, worker, gateways", run=_up, needs=Needs.NOTHING,
        options=lambda parser: parser.add_argument("--demo", action="store_true", help="with a carrier to look at"),
    ),
    Command(
        name="web", says="run the pages and the API", run=_web, needs=Needs.NOTHING,
        options=lambda parser: parser.add_argument("--check", action="store_true", help="only say whether they may run as set"),
    ),
    Command(name="live", says="run the live stream", run=lambda env, _: _become(serve.live(env)), needs=Needs.NOTHING),
    Command(name="worker", says="run jobs and the relay of the outbox", run=_worker, needs=Needs.DJANGO),
    Command(
        name="gateway", says="take in what terminals, vessels and sensors tell", run=_gateway, needs=Needs.DJANGO,
        options=_gateway_options,
    ),
    Command(
        name="writer", says="store what gateways handed over through NATS (with HUOJI_NATS_URL)", run=_writer, needs=Needs.DJANGO,
    ),
    Command(name="migrate", says="bring the database to the present schema", run=_migrate),
    Command(
        name="rebuild", says="renew the stories of waybills from their events, while serving", run=_rebuild,
        options=lambda parser: parser.add_argument("--all", action="store_true", help="not only those of an older version"),
    ),
    Command(name="retention", says="erase and drop what has served its time (the worker does it nightly)", run=_retention),
    Command(
        name="backup", says="write a backup that can prove itself", run=_backup,
        options=lambda parser: parser.add_argument("--to", type=Path, help="folder; default: HUOJI_BACKUP_FOLDER"),
    ),
    Command(name="restore", says="restore a backup into an empty database and compare it", run=_restore, options=_restore_options),
    Command(
        name="doctor",
        says="say what is wrong with this installation, and what to do",
        run=_doctor,
        needs=Needs.NOTHING,
    ),
    Command(
        name="demo", says="load an invented carrier to look at, or take it away again", run=_demo, options=_demo_options
    ),
    Command(
        name="createadmin", says="make the first IT administrator", run=_createadmin, options=_admin_options
    ),
    Command(
        name="import", says="bring in shipments and events from CSV, XLSX, XLS or ODS, or take such an import back",
        run=_import, options=import_options.declare,
    ),
    Command(
        name="manage", says="run a management command of Django (for developers)", run=_manage,
        options=lambda parser: parser.add_argument("arguments", nargs=argparse.REMAINDER),
    ),
]  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Build the parser from the table of commands."""
    root = argparse.ArgumentParser(prog="huoji", description="货迹 Huoji: where is the cargo, and who answers for it")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.options(commands.add_parser(command.name, help=command.says, description=command.says))
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    given = parser().parse_args(arguments)
    command = next(each for each in COMMANDS if each.name == given.command)
    try:
        env = load()
    except SettingsError as wrong:
        print(f"These settings are wrong (see docs/reference/settings.md):\n{wrong}", file=sys.stderr)
        return 2
    try:
        return _run(command, env=env, given=given)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except postgres.PostgresError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except Exception as wrong:
        if not _is_lost_database(wrong):
            raise
        print(f"The database does not answer: {wrong}\nAsk `huoji doctor` what is wrong.", file=sys.stderr)
        return 1


def _is_lost_database(wrong: Exception) -> bool:
    """Tell without importing the driver, for a process that never spoke to a database has not loaded it."""
    return any(each.__name__ == "OperationalError" for each in type(wrong).__mro__)


def _run(command: Command, *, env: Env, given: Arguments) -> int:
    if command.needs is Needs.NOTHING:
        return command.run(env, given)
    if command.needs is Needs.DJANGO or env.database_url:
        return _with_django(command, env=env, given=given)
    from huoji.kit import provision

    cluster = database.cluster(env.data_dir)
    with postgres.running(cluster):
        provision.make_database(cluster, database=database.DATABASE)
        return _with_django(command, env=env, given=given)


def _with_django(command: Command, *, env: Env, given: Arguments) -> int:
    _set_up_django()
    return command.run(env, given)


def _set_up_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
    django.setup()
