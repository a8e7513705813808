"""A reader picks the fact that is wrong, and what is known of it is filled in."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from kzus_graph.engine.serving import Limits, Releases
from kzus_graph.web.application import create_app
from kzus_graph.web.linked_data import fact_reports
from kzus_graph.web.view.corrections import contact

PATH = "/correct/id/1901-fred-streslau-visit"


@pytest.fixture(scope="module")
def releases(small_release: Path) -> Iterator[Releases]:
    found = Releases(Limits(workers=2), folder=small_release.parent)
    yield found
    found.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    return create_app(releases, contact=contact("errors@example.org")).test_client()


def test_each_fact_has_a_report_of_its_own(client: FlaskClient, releases: Releases) -> None:
    page = client.get(PATH).text
    links = [unquote(unescape(part.partition('"')[0])) for part in page.split('href="mailto:')[1:]]
    facts = [line.removeprefix("Fact: ") for link in links for line in link.splitlines() if line.startswith("Fact: ")]
    assert "destination: Streslau" in facts and "When: 2–5 May 1901, stated to the day" in facts
    assert facts[-1] == "something that is missing, or not in this list"
    for link in links:
        assert "About: https://w3id.org/kzus/id/1901-fred-streslau-visit" in link
        assert link.endswith(f"Release: {releases.current.name}")
        name = releases.current.name
        assert f"Page: http://localhost/page/id/1901-fred-streslau-visit?release={name}" in link
    assert f'<a href="{PATH}" rel="nofollow">Report one fact</a>' in client.get(PATH.replace("correct", "page")).text


def test_nothing_is_offered_where_nobody_takes_reports(releases: Releases) -> None:
    plain = create_app(releases).test_client()
    assert plain.get(PATH).status_code == 404
    assert "Report one fact" not in plain.get(PATH.replace("correct", "page")).text


@pytest.mark.parametrize("path", ["id/nothing", "id/a> ?p ?o } #", "../etc/passwd", "x" * 5000])
def test_what_is_not_there_has_no_facts(client: FlaskClient, path: str) -> None:
    assert client.get(f"/correct/{path}").status_code == 404


def test_the_list_is_bounded(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    monkeypatch.setattr(fact_reports, "MOST", 2)
    page = client.get(PATH).text
    assert page.count('href="mailto:') == 3 and "more: report them as a whole." in page
