"""Where a reader reports an error: a mail address or an issue tracker that the operator sets, with a prefilled text."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from flask import current_app

CONTACT: Final = "KZUS_CONTACT"
"""The key in a Flask application's config for the operator's Contact."""
MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LONGEST_TITLE: Final = 150
LONGEST_VALUE: Final = 1000
"""Mail programs and trackers cut or refuse long addresses."""
WANTED: Final = "What is wrong:\n\n\nWhat is right, and which source says so:\n\n\n"


@dataclass(frozen=True)
class Contact:
    """Where the operator wants reports of errors: a mail address, or the address of an issue tracker's form.

    The address of a form may have ``{title}`` and ``{body}`` where title and text belong; otherwise they are added as
    the parameters ``title`` and ``body``, which GitHub, Gitea and Forgejo know.
    """

    address: str
    is_mail: bool

    def link(self, title: str, *lines: tuple[str, str]) -> str:
        """Return the address of a mail or form with *title*, and a text that has each of *lines* with its name.

        >>> contact("a@example.org").link("Error", ("Release", "1.0.0"))[:38]
        'mailto:a@example.org?subject=Error&bod'
        """
        known = "\n".join(f"{name}: {_cut(value, LONGEST_VALUE)}" for name, value in lines if value)
        head = quote(_cut(title, LONGEST_TITLE), safe="")
        if self.is_mail:
            body = quote((WANTED + known).replace("\n", "\r\n"), safe="")
            return f"mailto:{quote(self.address, safe='@')}?subject={head}&body={body}"
        body = quote(WANTED + known, safe="")
        if "{title}" in self.address or "{body}" in self.address:
            return self.address.replace("{title}", head).replace("{body}", body)
        return f"{self.address}{'&' if '?' in self.address else '?'}title={head}&body={body}"


def contact(text: str) -> Contact:
    """Return *text*, a mail address (with or without ``mailto:``) or an http(s) address, as a Contact.

    Raises ValueError, with a message for the operator, if *text* is neither.
    """
    mail = text.removeprefix("mailto:")
    if MAIL.fullmatch(mail):
        return Contact(mail, is_mail=True)
    if is_web_address(text) and "#" not in text:
        return Contact(text, is_mail=False)
    raise ValueError(f"{text!r} must be a mail address, or an http(s) address without a fragment")


def is_web_address(text: str) -> bool:
    """Return whether *text* is an address of the web that a page may link to, such as https://example.org/."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and re.search(r"[\s\"'<>\\`]", text) is None
    except ValueError:
        return False


def known() -> Contact | None:
    """Return the contact that the operator has set for this site, or None."""
    found: Contact | None = current_app.config.get(CONTACT)
    return found


def _cut(text: str, most: int) -> str:
    words = re.sub(r"\s+", " ", text).strip()
    return words if len(words) <= most else words[: most - 1] + "…"
