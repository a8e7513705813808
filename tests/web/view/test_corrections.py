"""Reports of errors go where the operator wants them, with what is known filled in."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from kzus_graph.web.view.corrections import LONGEST_VALUE, Contact, contact, is_web_address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("errors@example.org", Contact("errors@example.org", is_mail=True)),
        ("mailto:errors+kzus@mail.example.org", Contact("errors+kzus@mail.example.org", is_mail=True)),
        ("https://example.org/issues/new", Contact("https://example.org/issues/new", is_mail=False)),
        ("http://a.example:80/new?a=b", Contact("http://a.example:80/new?a=b", is_mail=False)),
    ],
)
def test_an_operator_names_a_mailbox_or_a_form(text: str, found: Contact) -> None:
    assert contact(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "", "errors", "errors@", "@example.org", "errors@localhost", "javascript:alert(1)", "data:text/html,x", "ftp://a/b",
        "https://", "https:///x", 'https://a.example/"><script>', "https://a.example/ b", "https://a.example/#new",
        "mailto:a@b.example?cc=c@d.example", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "http://[::1",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a mail address"):
        contact(text)


def test_a_mail_has_subject_and_text() -> None:
    link = urlsplit(contact("errors@example.org").link("Error & more", ("Fact", "a=b&c\nd"), ("About", "")))
    said = parse_qs(link.query)
    assert (link.scheme, link.path, said["subject"]) == ("mailto", "errors@example.org", ["Error & more"])
    assert said["body"][0].endswith("so:\r\n\r\n\r\nFact: a=b&c d")
    assert "About" not in said["body"][0], "what is not known is not asked for"
    assert "+" not in link.query, "a mail program takes a plus for a plus"


@pytest.mark.parametrize(
    ("address", "title", "body"),
    [
        ("https://t.example/new", "title", "body"),
        ("https://t.example/new?labels=data", "title", "body"),
        ("https://t.example/new?issue[title]={title}&issue[description]={body}", "issue[title]", "issue[description]"),
    ],
)
def test_a_form_is_filled_in(address: str, title: str, body: str) -> None:
    link = urlsplit(contact(address).link("Fault {body}", ("Release", "1.0.0+1a2b3c4d")))
    said = parse_qs(link.query)
    assert said[title] == ["Fault {body}"]
    assert said[body][0].splitlines()[-1] == "Release: 1.0.0+1a2b3c4d"
    assert link.netloc == "t.example"


def test_values_are_cut() -> None:
    link = contact("errors@example.org").link("x" * 10_000, *((str(number), "y" * 10_000) for number in range(4)))
    assert len(unquote(link)) < 5 * LONGEST_VALUE
    assert link.count("%E2%80%A6") == 5


def test_an_address_of_the_web_is_one() -> None:
    assert is_web_address("https://example.org/kzus.git")
    assert not any(map(is_web_address, ("", "example.org", "javascript:x", "https://a'b", "http://[", "file:///etc")))
