"""The options of `huoji import`, known before Django is ready."""

import argparse
from pathlib import Path

from huoji.core.importing.choices import DateOrder, DecimalSign, Makes
from huoji.core.milestone import Line


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `huoji import`."""
    parser.add_argument("file", type=Path, nargs="?", help="CSV (UTF-8, UTF-16, GBK), XLSX, XLS or ODS")
    parser.add_argument("--kind", choices=[each.value for each in Makes], help="what the rows are; default: guessed")
    parser.add_argument("--line", choices=[each.value for each in Line], help="business line of rows that name none")
    parser.add_argument(
        "--map", dest="columns", action="append", default=[], metavar="COLUMN=FIELD",
        help="what a column means; an empty FIELD leaves it out; `--map help` lists the fields",
    )  # fmt: skip
    parser.add_argument("--zone", metavar="+08:00", help="of times that carry none; default: +08:00")
    parser.add_argument("--dates", choices=[each.value for each in DateOrder], help="how 03/04/2026 is written")
    parser.add_argument("--decimal", choices=[each.value for each in DecimalSign], help="the decimal sign")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--undo", type=int, metavar="BATCH", help="take an import back as a whole")
    parser.add_argument("--reason", default="", help="why it is taken back (with --undo)")
