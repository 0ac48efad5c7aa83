"""The command line: `huoji COMMAND`."""

import argparse
import os
import sys
from collections.abc import Sequence

from huoji.config import database, env
from huoji.kit import postgres


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
    parser = argparse.ArgumentParser(prog="huoji", description="货迹 Huoji: where is the cargo, and who answers for it")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the present schema")
    manage = commands.add_parser("manage", help="run a Django management command")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)

    cluster = database.cluster(env.load().data_dir)
    with postgres.running(cluster):
        postgres.provision(cluster, database=database.DATABASE)
        _run(given)
    return 0


def _run(given: argparse.Namespace) -> None:
    import django

    django.setup()
    if given.command == "migrate":
        from huoji.config import migrate

        migrate.migrate()
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["huoji manage", *given.arguments])


if __name__ == "__main__":
    sys.exit(main())
