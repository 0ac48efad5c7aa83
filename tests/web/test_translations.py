"""Nothing is left untranslated: every text has its English, no page says Chinese outside gettext, placeholders agree."""

import re

import pytest

from tools import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def test_every_text_has_an_english_translation():
    lacking = sorted({f"{text.where}: {text.message}" for text in messages.missing()})
    assert not lacking, "run `python tools/messages.py`, then fill in the msgstr:\n" + "\n".join(lacking)


def test_no_template_says_chinese_outside_a_translate_tag():
    assert not messages.raw_in_templates()


def test_no_view_or_form_says_chinese_without_gettext():
    assert not messages.raw_in_python()


def test_no_translation_says_chinese_and_each_keeps_its_placeholders():
    for (message, _), english in messages.translated().items():
        assert not messages.CJK.search(english), english
        assert sorted(PLACEHOLDER.findall(message)) == sorted(PLACEHOLDER.findall(english)), message


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% load i18n %}{% translate "已签收" %}', ["已签收"]),
        (
            "{% load i18n %}{% if x %}{% blocktranslate trimmed %}\n  还有 {{ n }} 件\n{% endblocktranslate %}{% endif %}",
            ["还有 %(n)s 件"],
        ),
        ('{% load i18n %}{% with a=_("派送中") %}{{ a }}{% endwith %}', ["派送中"]),
        ("<p>raw</p>", []),
    ],
)
def test_the_extractor_finds_texts_however_they_are_written(tmp_path, monkeypatch, source, found):
    page = tmp_path / "web" / "templates" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text(source)
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    assert [text.message for text in messages.in_template(page)] == found


def test_the_extractor_notices_raw_chinese(tmp_path, monkeypatch):
    page = tmp_path / "web" / "templates" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>已签收</p>")
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    assert messages.raw_in_templates()
