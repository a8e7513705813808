"""The example queries of a release: each a question in words with its SPARQL text."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from kzus_graph.engine.editions import Edition
from kzus_graph.queries import SERVICE
from kzus_graph.web import asking


@dataclass(frozen=True)
class Example:
    """A question; *text* is its query without the lines that only say what the page says anyway.

    *services* are the addresses of the other endpoints that it asks.
    """

    name: str
    question: str
    text: str
    services: tuple[str, ...] = ()

    @property
    def hosts(self) -> str:
        """The names of these endpoints, as words."""
        return " and ".join(urlsplit(service).netloc for service in self.services)


@lru_cache(maxsize=2)
def listed(edition: Edition) -> tuple[Example, ...]:
    """Return the examples of *edition* by name."""
    return tuple(
        Example(
            row["example"].value.rpartition("/")[2],
            row["question"].value,
            _shown(row["text"].value),
            tuple(sorted(set(SERVICE.findall(row["text"].value)))),
        )
        for row in asking.rows(edition, "query-examples")
    )


def of(edition: Edition, text: str) -> Example | None:
    """Return the example that has this text, if one has."""
    return next((one for one in listed(edition) if one.text.strip() == text.replace("\r\n", "\n").strip()), None)


def _shown(text: str) -> str:
    """Return a query with its question as a comment and without other headers.

    >>> _shown("#+ summary: Who?\\n#+ source: a\\n#+ note: Only here.\\nASK {}\\n")
    '# Who?\\n# Only here.\\nASK {}\\n'
    """
    lines = []
    for line in text.splitlines():
        if line.startswith("#+ "):
            key, _, value = line[3:].partition(":")
            if key in ("summary", "note"):
                lines.append(f"# {value.strip()}")
            elif key == "returns":
                lines.append(f"# Returns: {value.strip()}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
