"""Static files: only the named files of node_modules, hashed when collected, plain before."""

import json

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from huoji.web.finders import FILES, VendorFinder
from huoji.web.storage import StaticStorage


def test_only_named_files_of_node_modules_can_be_reached():
    assert finders.find("vendor/htmx/htmx.min.js")
    for path in (
        "vendor/htmx/package.json",
        "vendor/../package.json",
        "vendor/htmx/../../package-lock.json",
        "htmx.min.js",
    ):
        assert not VendorFinder().find(path)


def test_every_named_file_is_installed():
    assert VendorFinder().check() == []
    assert len(list(VendorFinder().list(None))) == len(FILES)


def test_a_missing_node_modules_is_a_warning_that_says_what_to_do(tmp_path, settings):
    settings.NODE_MODULES = tmp_path
    (warning,) = VendorFinder().check()
    assert "make" in warning.hint
    assert list(VendorFinder().list(None)) == []


@pytest.fixture
def collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.DEBUG = False
    paths = {"huoji/huoji.css": "huoji/huoji.0123456789ab.css"}
    manifest = {"version": "1.1", "hash": "x", "paths": paths}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
    return StaticStorage(location=tmp_path, base_url="/static/")


def test_a_collected_file_is_named_by_its_hash_and_any_other_by_its_plain_name(collected):
    assert collected.url("huoji/huoji.css") == "/static/huoji/huoji.0123456789ab.css"
    assert collected.url("huoji/new.css") == "/static/huoji/new.css"


def test_who_debugs_sees_the_file_as_it_is_now(collected, settings):
    settings.DEBUG = True
    assert collected.url("huoji/huoji.css") == "/static/huoji/huoji.css"


def test_static_files_are_served_without_being_collected():
    answer = Client().get("/static/huoji/huoji.css")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"/*")
