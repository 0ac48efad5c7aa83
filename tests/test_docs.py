"""What a stranger reads is so: links lead somewhere, names exist, both languages are there, and the examples run."""

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.config import cli, env
from huoji.core import wording

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
READ_BY_USERS = [
    path for folder in ("tutorial", "howto", "reference", "explanation") for path in ROOT.glob(f"docs/{folder}/*.md")
] + [ROOT / "README.md", ROOT / "docs" / "index.md"]

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)|<(?:img|source)[^>]*(?:src|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SETTING = re.compile(r"\bHUOJI_[A-Z0-9_]+\b")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:/(?:app|api|track|accounts)(?:/[\w{}./-]*)?|/(?:healthz|metrics|help|contact))(?![\w-])")
EXAMPLE_HOST = "https://track.example.com"
# Read by tests and tools alone, and told where they are used.
NO_SETTINGS = {"HUOJI_CONFORMANCE_DATA"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def each_page(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("doc", paths, ids=name)


def slug(heading: str) -> str:
    """Return the anchor that a forge makes of a heading."""
    words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@each_page(PAGES)
def test_every_link_leads_somewhere(doc):
    lost = []
    for found in LINK.finditer(FENCE.sub("", doc.read_text(encoding="utf-8"))):
        link = found[1] or found[2]
        if urlsplit(link).scheme or link.startswith("…"):
            continue
        file, _, anchor = link.partition("#")
        target = (doc.parent / file).resolve() if file else doc
        headings = target.suffix == ".md" and target.exists() and HEADING.findall(target.read_text(encoding="utf-8"))
        if not target.exists() or (anchor and anchor not in map(slug, headings or ())):
            lost.append(link)
    assert not lost


@each_page(READ_BY_USERS)
def test_every_page_for_users_is_there_in_both_languages(doc):
    twin = doc.with_name(doc.name.replace(".zh.md", ".md") if ".zh." in doc.name else f"{doc.stem}.zh.md")
    assert twin.exists()


@pytest.mark.parametrize(
    ("index", "pages"),
    [
        ("docs/index.md", [path for path in READ_BY_USERS if ".zh." not in path.name]),
        ("docs/index.zh.md", [path for path in READ_BY_USERS if ".zh." in path.name]),
        ("docs/adr/README.md", sorted(ROOT.glob("docs/adr/0*.md"))),
    ],
)
def test_every_page_is_found_from_its_index(index, pages):
    home = ROOT / index
    told = {
        (home.parent / link.partition("#")[0]).resolve() for link, _ in LINK.findall(home.read_text(encoding="utf-8"))
    }
    assert not [name(path) for path in pages if path.resolve() not in told | {home, ROOT / "docs" / "index.md"}]


def shell_lines(text: str) -> Iterator[str]:
    for kind, body in FENCE.findall(text):
        if kind in ("sh", "bash", "ini"):
            yield from body.splitlines()
    yield from CODE.findall(FENCE.sub("", text))


@each_page(PAGES)
def test_every_command_named_exists(doc):
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = {command.name for command in cli.COMMANDS}
    unknown = []
    for line in shell_lines(doc.read_text(encoding="utf-8")):
        if found := re.match(r"\s*make ([a-z][a-z0-9-]*)", line):
            unknown += [line] * (found[1] not in targets)
        if found := re.search(r"(?:^|[/=]bin/|^\s*)huoji ([a-z]+)", line):
            unknown += [line] * (found[1] not in commands)
    assert not unknown


@each_page(PAGES)
def test_every_setting_named_exists(doc):
    known = {setting for _, setting, _ in env.table()} | NO_SETTINGS
    assert set(SETTING.findall(doc.read_text(encoding="utf-8"))) <= known


@each_page(PAGES)
def test_every_address_named_leads_to_a_page(doc):
    text = doc.read_text(encoding="utf-8")
    told = {
        path
        for code in CODE.findall(FENCE.sub("", text))
        for path in PATH.findall(code)
        if re.match(rf"(?:(?:GET|POST) )?{re.escape(path)}", code)
    }
    told |= {urlsplit(url).path for url in re.findall(rf"{EXAMPLE_HOST}(/[^\s\"'`?]+)", text)}
    lost = []
    for path in told:
        address = re.sub(r"\{[^}]*id\}", "7", re.sub(r"\{(?!job_id|id)[^}]*\}", "HJ1", path))
        if path.startswith("/live"):
            continue
        try:
            resolve(address)
        except Resolver404:
            try:
                resolve(f"{address}/")
            except Resolver404:
                lost.append(path)
    assert not lost


@pytest.mark.parametrize("doc", ["cli.md", "cli.zh.md"])
def test_the_page_of_the_command_names_every_command_and_option(doc):
    text = (ROOT / "docs" / "reference" / doc).read_text(encoding="utf-8")
    missing = []
    for command in cli.COMMANDS:
        missing += [command.name] * (f"`huoji {command.name}" not in text)
        parser = argparse.ArgumentParser()
        command.options(parser)
        options = [option for action in parser._actions for option in action.option_strings]
        missing += [
            f"{command.name} {option}"
            for option in options
            if option.startswith("--") and option != "--help" and option not in text
        ]
    assert not missing


@pytest.mark.parametrize("doc", ["glossary.md", "glossary.zh.md"])
def test_the_glossary_holds_every_label_of_the_pages(doc):
    text = (ROOT / "docs" / "reference" / doc).read_text(encoding="utf-8")
    rows = {
        frozenset(cell.strip() for cell in line.split("|")[1:4]) for line in text.splitlines() if line.startswith("|")
    }
    tables = (wording.STATUSES, wording.MILESTONES, wording.REASONS, wording.CLASSIFIERS, wording.LINES, wording.FLAGS)
    told = [(word.value, *labels) for table in tables for word, labels in table.items() if labels[0]]
    assert not [row for row in told if frozenset((f"`{row[0]}`", *row[1:])) not in rows]


def fits(expected, got) -> bool:
    """Tell whether an answer says all that the page shows of it; a text with … in it stands for any."""
    if isinstance(expected, dict):
        return all(key in got and fits(value, got[key]) for key, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(fits, expected, got))
    return (isinstance(expected, str) and "…" in expected) or expected == got


def send(command: list[str], *, key: str):
    """Send what a curl command would."""
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("-H", dest="headers", action="append", default=[])
    options.add_argument("-d", dest="body", default="")
    options.add_argument("-G", dest="get", action="store_true")
    options.add_argument("--data-urlencode", dest="query", action="append", default=[])
    given = options.parse_args(command[1:])
    headers = dict(header.replace("$KEY", key).split(": ", 1) for header in given.headers)
    kind = headers.pop("Content-Type", "application/json")
    path = given.url.removeprefix(EXAMPLE_HOST)
    if given.body:
        return Client().post(path, given.body, content_type=kind, headers=headers)
    return Client().get(path, dict(pair.split("=", 1) for pair in given.query), headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("doc", ["api.md", "api.zh.md"])
def test_the_walk_through_the_api_runs_word_for_word(doc, staff_key):
    PUBLIC_QUERIES.forget()
    text = (ROOT / "docs" / "reference" / doc).read_text(encoding="utf-8")
    answer, compared = None, 0
    for kind, body in FENCE.findall(text):
        if kind == "sh":
            for command in re.split(r"^(?=curl )", body, flags=re.MULTILINE)[1:]:
                answer = send(shlex.split(command), key=staff_key)
                assert answer.status_code == 200, answer.content
        elif kind == "json" and answer is not None:
            assert fits(json.loads(body), answer.json()), answer.json()
            compared, answer = compared + 1, None
    assert compared >= 4
