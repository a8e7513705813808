"""The pages of an older release lead to pages of the same release, and to nothing that a link didn't lead to before."""

import pytest

from kzus_graph.web.view.pinned_links import pinned, within

NAME = "1.0.0+1a2b3c4d"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/", f"/?release={NAME}"),
        ("/id/astana", f"/id/astana?release={NAME}"),
        ("/ontology#Visit", f"/ontology?release={NAME}#Visit"),
        ("/search?q=a", f"/search?q=a&release={NAME}"),
        ("?lang=ru", f"?lang=ru&release={NAME}"),
        ("/static/style.css", "/static/style.css"),
        ("/dumps/1.0.0+1a2b3c4d/", "/dumps/1.0.0+1a2b3c4d/"),
        ("/docs/correcting", "/docs/correcting"),
        ("//evil.example/", "//evil.example/"),
        ("https://example.org/", "https://example.org/"),
        ("mailto:a@example.org?subject=x", "mailto:a@example.org?subject=x"),
        ("#main", "#main"),
        ("/page/id/astana?release=", "/page/id/astana?release="),
        ("/page/id/astana?lang=ru&amp;release=2.0.0", "/page/id/astana?lang=ru&amp;release=2.0.0"),
    ],
)
def test_only_links_of_this_site_get_the_release(address: str, found: str) -> None:
    assert pinned(address, NAME) == found


def test_links_and_forms_of_a_page_are_pinned_once() -> None:
    page = (
        '<link href="/static/a.css"><a class="x" href="/id/a?lang=ru&amp;x=1">a</a>'
        '<form action="/search"><input name="q"></form><form method="post" action="/lookup"></form>'
        "<pre>&lt;a href=&#34;/id/b&#34;&gt;</pre>"
    )
    once = within(page, NAME)
    assert once == (
        f'<link href="/static/a.css"><a class="x" href="/id/a?lang=ru&amp;x=1&amp;release={NAME}">a</a>'
        f'<form action="/search?release={NAME}"><input type="hidden" name="release" value="{NAME}">'
        '<input name="q"></form>'
        f'<form method="post" action="/lookup?release={NAME}"></form>'
        "<pre>&lt;a href=&#34;/id/b&#34;&gt;</pre>"
    )
    assert within(once, NAME) == once
