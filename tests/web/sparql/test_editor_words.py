"""The words of the editor's scripts: all are known to the server, which gives them in the language of the page."""

import json
import re

import pytest
from flask import Flask

from kzus_graph.web.sparql import editor_words
from kzus_graph.web.view import translation
from tests.conftest import ROOT

SCRIPTS = sorted((ROOT / "src" / "kzus_graph" / "web" / "static").glob("query*.js"))
BRACES = re.compile(r"\{\w+\}")


def test_the_server_has_each_message_of_the_scripts_and_no_other() -> None:
    text = "\n".join(script.read_text() for script in SCRIPTS)
    assert set(re.findall(r'\b_\(\s*"([^"]*)"', text)) == set(editor_words.MESSAGES)
    assert {many for _, many in re.findall(r'\bplural\([\w.]+, "([^"]*)", "([^"]*)"', text)} == set(
        editor_words.COUNTED
    )


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_translations_have_the_same_placeholders(language: str) -> None:
    with Flask(__name__).test_request_context(f"/?lang={language}"):
        words = json.loads(editor_words.given())
    assert len(words) == len(editor_words.MESSAGES) + len(editor_words.COUNTED)
    for message, found in words.items():
        for text in found.values() if isinstance(found, dict) else (found,):
            assert sorted(BRACES.findall(text)) == sorted(BRACES.findall(message)), message


def test_numbers_have_the_forms_of_their_language() -> None:
    app = Flask(__name__)
    with app.test_request_context("/?lang=ru"):
        rows = json.loads(editor_words.given())["{n} rows"]
    assert rows == {"one": "{n} строка", "few": "{n} строки", "many": "{n} строк", "other": "{n} строк"}
    with app.test_request_context("/?lang=kk"):
        assert json.loads(editor_words.given())["Table"] == "Кесте"
    with app.test_request_context("/"):
        assert editor_words.given() == "{}"
    assert translation.catalogue("ru").gettext("Run") == "Выполнить"
