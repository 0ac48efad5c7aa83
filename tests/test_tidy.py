"""The rules of the house that no linter knows: lengths, who writes, what is pure, which way tables point."""

import ast
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from django.apps import apps

from tools import requirements

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "huoji"
FILE_LINES_MAX = 420
FUNCTION_LINES_MAX = 60

MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.glob("**/*.py"))}
OURS = {path: tree for path, tree in MODULES.items() if "migrations" not in path.parts}
TEST_MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests").glob("**/*.py"))}

LADDER = ("warehouse", "shipments", "fleet", "places", "customers", "accounts")  # top first; kit lies below all of them
BELOW_ALL = {"kit", "auth", "contenttypes", "sessions", "procrastinate", "mfa", "account", "usersessions"}
DRAWERS = {"utils", "helpers", "common", "misc", "base", "util", "helper", "shared", "lib", "tools"}

WRITES = {"save", "create", "get_or_create", "update_or_create", "delete", "bulk_create", "bulk_update", "update"}
# A method of these names on anything but rows: a dict is updated, a hash is fed, a session is not a model.
NOT_ROWS = re.compile(r"(session|context|digest|hash|data|headers|values|params|query|counts?|environ|[Ff]orm)\)?$")

PURE_STDLIB = {
    "__future__", "abc", "base64", "binascii", "bisect", "calendar", "codecs", "collections", "collections.abc", "csv", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "io", "ipaddress", "itertools",
    "json", "math", "operator", "re", "statistics", "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "uuid",
    "xml.etree.ElementTree", "zipfile", "zlib", "zoneinfo",
}  # fmt: skip
PURE_LIBRARIES = {"holidays", "stdnum", "shapely", "msgspec", "pyais", "pydifact", "python_calamine", "phonenumbers"}
CLOCKS = {"now", "today", "utcnow", "uuid1", "uuid4"}
DOORS = {"open", "print", "input", "exec", "eval"}  # as functions; opening a member of a zip in memory is pure


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_data(tree: ast.Module) -> bool:
    """A table of codes may be as long as the standard it comes from."""
    return not any(_functions(tree)) and not any(isinstance(node, ast.ClassDef) for node in tree.body)


def test_no_file_is_longer_than_a_reader_can_hold():
    long = {
        _name(path): lines
        for path, tree in OURS.items()
        if not _is_data(tree) and (lines := path.read_text(encoding="utf-8").count("\n")) > FILE_LINES_MAX
    }
    assert not long


def test_no_function_is_longer_than_a_screen():
    long = {
        f"{_name(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path, tree in OURS.items()
        for node in _functions(tree)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert not long


def test_every_module_begins_with_one_sentence_that_says_what_it_is_for():
    silent = []
    for path, tree in (OURS | TEST_MODULES).items():
        first = (ast.get_docstring(tree) or "").split("\n")[0]
        if path.stat().st_size and not re.search(r"[.:;)]$", first):
            silent.append(_name(path))
    assert not silent


def test_no_module_is_a_drawer():
    named_by_django = SOURCE / "kit" / "pooled" / "base.py"
    named = [path for path in MODULES if path.stem in DRAWERS or path.parent.name in DRAWERS]
    assert not [_name(path) for path in named if path != named_by_django]


def _may_write(path: Path) -> bool:
    parts = path.relative_to(SOURCE).parts
    return parts[0] == "kit" or "actions" in (path.stem, *parts) or path.stem == "models"


def _is_write(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
        return False
    target = ast.unparse(node.func.value)
    return target != "actions" and not target.startswith("actions.") and not NOT_ROWS.search(target)


def test_only_actions_write_rows():
    elsewhere = {
        path: tree
        for path, tree in OURS.items()
        if not _may_write(path) and path.relative_to(SOURCE).parts[0] not in {"core", "wire", "config"}
    }
    assert not [
        f"{_name(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in elsewhere.items()
        for node in ast.walk(tree)
        if _is_write(node)
    ]


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("layer", ["core", "wire"])
def test_rules_and_formats_import_only_what_is_pure(layer):
    impure = [
        f"{_name(path)}: {module}"
        for path, tree in OURS.items()
        if SOURCE / layer in path.parents
        for module in _imports(tree)
        if module not in PURE_STDLIB
        and module.split(".")[0] not in PURE_LIBRARIES
        and not module.startswith(f"huoji.{layer}")
        and module != "huoji"
    ]
    assert not impure


@pytest.mark.parametrize("layer", ["core", "wire"])
def test_rules_and_formats_ask_no_clock_and_open_nothing(layer):
    calls = [
        f"{_name(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in OURS.items()
        if SOURCE / layer in path.parents
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) in CLOCKS | DOORS or getattr(node.func, "attr", None) in CLOCKS)
    ]
    assert not calls


def test_tables_refer_only_down_the_ladder():
    rung = {label: height for height, label in enumerate(reversed(LADDER), start=1)} | dict.fromkeys(BELOW_ALL, 0)
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in LADDER
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete
        if rung[field.related_model._meta.app_label] > rung[model._meta.app_label]
    ]
    assert not upward


def test_kit_refers_to_no_app():
    assert not [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("kit").get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label != "kit"
    ]


def test_every_requirement_that_a_test_claims_exists():
    assert {name for _, name, _ in requirements.marks()} <= set(requirements.IDS)


def test_a_requirement_is_proven_through_a_door_and_not_by_a_test_of_pure_functions():
    indoors = {ROOT / "tests" / layer for layer in ("core", "wire")}
    assert not [f"{_name(path)}: {name}" for path, name, _ in requirements.marks() if indoors & set(path.parents)]


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock", "package-lock.json"]
)
def test_lock_files_hold_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text or '"integrity": "sha512-' in text


def test_the_two_python_locks_agree():
    def pins(lock: str) -> dict[str, str]:
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        return dict(line.split(" ")[0].split("==") for line in lines if re.match(r"[a-z0-9].*==", line))

    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run


def test_every_package_with_native_code_or_fonts_is_told_in_the_security_page():
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)

    def is_native(name: str) -> bool:
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            return False
        return any(re.search(r"\.(so|ttc|ttf|otf|node)(\.|$)", str(file)) for file in files)

    assert not [name for name in pins if is_native(name) and f"| {name} |" not in told]
