"""Find every text that must be translated: `python tools/messages.py` lists what the English catalogues lack and adds it to them empty."""

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.pofile import read_po, write_po
from django.template import Engine
from django.template.base import Node, NodeList, Template, TextNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "huoji"
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
LAZY = ("gettext_lazy", "gettext_noop", "ngettext_lazy", "pgettext_lazy")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
HEADER = rb"""# English texts; the msgids are Chinese and are the source. `python tools/messages.py` adds what is missing.
msgid ""
msgstr ""
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
INLINE = re.compile(r"""_\((["'])(.+?)\1\)""")
# What a person reads is written here; elsewhere Chinese is data (names of places, codes of others).
SPEAKING = ("views", "forms", "public", "navigation", "context")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One message and the file that says it; `domain` is the folder whose catalogue must translate it."""

    message: str
    plural: str = ""
    context: str = ""
    where: str
    domain: Path


def domain_of(path: Path) -> Path:
    """Return the app (or web, kit, core) that a source file belongs to."""
    parts = path.relative_to(SOURCE).parts
    return SOURCE.joinpath(*parts[: 2 if parts[0] == "apps" else 1])


def templates() -> list[Path]:
    return sorted(SOURCE.glob("**/templates/**/*.html")) + sorted(SOURCE.glob("**/templates/**/*.txt"))


def nodes(parsed: NodeList | Node) -> Iterator[Node]:
    """Yield every node of a parsed template, also those inside other nodes."""
    children = (
        parsed
        if isinstance(parsed, NodeList)
        else [getattr(parsed, name) for name in parsed.child_nodelists if getattr(parsed, name, None)]
    )
    if isinstance(parsed, Node):
        yield parsed
    for child in children:
        yield from nodes(child)


def parse(path: Path) -> Template:
    return Template(path.read_text(encoding="utf-8"), engine=Engine.get_default())


def in_template(path: Path) -> Iterator[Text]:
    """Yield what one template translates."""
    where, domain = str(path.relative_to(ROOT)), domain_of(path)
    for node in nodes(parse(path).nodelist):
        if isinstance(node, TranslateNode):
            literal = getattr(node.filter_expression.var, "literal", None)
            if isinstance(literal, str):
                context = str(node.message_context.var) if node.message_context else ""
                yield Text(message=literal, context=context, where=where, domain=domain)
        elif isinstance(node, BlockTranslateNode):
            clean = trim_whitespace if node.trimmed else str
            one, _ = node.render_token_list(node.singular)
            many = node.render_token_list(node.plural)[0] if node.plural else ""
            yield Text(message=clean(one), plural=clean(many), where=where, domain=domain)
    for found in INLINE.finditer(path.read_text(encoding="utf-8")):
        yield Text(message=found.group(2), where=where, domain=domain)


def in_python(path: Path) -> Iterator[Text]:
    """Yield what one module passes to gettext."""
    where, domain = str(path.relative_to(ROOT)), domain_of(path)
    for _, name, said, _ in extract_python(io.BytesIO(path.read_bytes()), list(KEYWORDS), (), {}):
        words = said if isinstance(said, tuple) else (said,)
        context, words = (words[0], words[1:]) if name.startswith("pgettext") else ("", words)
        if words and isinstance(words[0], str) and words[0]:
            plural = words[1] if name.startswith("ngettext") and isinstance(words[1], str) else ""
            yield Text(message=words[0], plural=plural, context=context or "", where=where, domain=domain)


def texts() -> Iterator[Text]:
    """Yield every text of the product."""
    for path in templates():
        yield from in_template(path)
    for path in sorted(SOURCE.glob("**/*.py")):
        if "migrations" not in path.parts:
            yield from in_python(path)


def catalogue_of(domain: Path) -> Path:
    return domain / "locale" / "en" / "LC_MESSAGES" / "django.po"


def translated() -> dict[tuple[str, str], str]:
    """Return every message that has an English translation, by (message, context)."""
    known: dict[tuple[str, str], str] = {}
    for path in SOURCE.glob("**/locale/en/LC_MESSAGES/django.po"):
        for entry in read(path):
            words = entry.id if isinstance(entry.id, tuple) else (entry.id,)
            said = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            if entry.id and all(said) and not entry.fuzzy:
                known[str(words[0]), entry.context or ""] = str(said[0])
    return known


def read(path: Path) -> Catalog:
    with path.open("rb") as text:
        return read_po(text, locale="en", abort_invalid=True)


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue with a header that never changes, so that two branches do not meet in it."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True)
    path.write_bytes(HEADER + body.getvalue())


def missing() -> list[Text]:
    """Return the texts without an English translation."""
    known = translated()
    return [text for text in texts() if (text.message, text.context) not in known]


def raw_in_templates() -> list[str]:
    """Return Chinese that stands in a template outside a translate tag; the name of a language may."""
    said = (
        (path, node.s.replace("中文", "").strip())
        for path in templates()
        for node in nodes(parse(path).nodelist)
        if isinstance(node, TextNode)
    )
    return [f"{path.relative_to(ROOT)}: {text[:60]!r}" for path, text in said if CJK.search(text)]


def raw_in_python() -> list[str]:
    """Return Chinese that a page's module says without gettext."""
    found = []
    for path in sorted([*SOURCE.glob("web/*.py"), *SOURCE.glob("apps/**/*.py")]):
        if not ({path.stem, path.parent.name} & set(SPEAKING)):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node) in {"_", *KEYWORDS, *LAZY}
        ]
        fine = {id(part) for call in calls for argument in call.args for part in ast.walk(argument)}
        fine |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.value[:60]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and CJK.search(node.value)
            and id(node) not in fine
        ]
    return found


def name_of(call: ast.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def add_missing() -> int:
    """Write what is missing into the catalogues, untranslated; return how many."""
    lacking = missing()
    for domain in sorted({text.domain for text in lacking}):
        path = catalogue_of(domain)
        catalogue = read(path) if path.exists() else Catalog(locale="en")
        for text in lacking:
            if text.domain == domain:
                key = (text.message, text.plural) if text.plural else text.message
                catalogue.add(key, locations=[(text.where, 1)], context=text.context or None)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, catalogue)
    return len({(text.message, text.context) for text in lacking})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
    import django

    django.setup()
    for text in missing():
        print(f"{text.where}: {text.message}")
    for line in (*raw_in_templates(), *raw_in_python()):
        print(f"not translatable: {line}")
    print(f"{add_missing()} added, to be translated")


if __name__ == "__main__":
    sys.exit(main())
