"""The full-text index of a release: finds things by the words and dates of a search text, tolerant of spelling."""

import json
import math
import sqlite3
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Final

from kzus_graph.fulltext import index_terms, ranking, storage
from kzus_graph.fulltext.ranking import Fields, WantedWord
from kzus_graph.links.near_words import NearWords

LONGEST: Final = 200
"""The maximum length of a search text, in characters; the rest is not read."""
MOST_WORDS: Final = 8
"""The most words of a search text that are looked for; the rarest count."""
COMPARED: Final = 70
"""The most entries that are compared in full for their names, and again for all that is indexed of them."""
OF_GROUP: Final = 8
"""The most entries of each group that are compared, if more than COMPARED have all words in a name."""
FEW: Final = 10
"""If fewer entries have all words, those that lack a word are found, too."""
MOST_ENDINGS: Final = 12
"""The most words that complete a beginning."""
BEGUN, SIMILAR, SAME, COARSE = 0.85, 0.8, 0.9, 0.5
"""The factors of a word that only begins as asked, is spelt similarly, or means the same; of a less precise date."""
MOST_ASKED: Final = 1000
"""The most entries that are read by one query: SQLite bounds the number of its parameters."""
PLENTY: Final = 100
"""A word of a search text that so many entries have is not completed: it stands for itself."""


@dataclass(frozen=True)
class Hit:
    """A thing that was found.

    *names* are its names with their languages, the main one first; *kinds* and *describing* are IRIs of its classes and
    of things that tell what it is; *about* is its definition, if it has one; *time* has the properties of its date.
    *by* is the name that fits the search text best.
    """

    iri: str
    group: str
    names: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    describing: tuple[str, ...]
    about: str
    time: Mapping[str, str]
    by: str = ""


@dataclass(frozen=True)
class Found:
    """The answer to a search: a page of *hits*, and how many there are: in all, by group and by decade.

    *meant* is the search text with misspelt words corrected; empty if none was. *whole* is false if no entry has all
    words, so that the hits lack one.
    """

    hits: tuple[Hit, ...]
    number: int
    groups: Mapping[str, int]
    decades: Mapping[str, int]
    meant: str = ""
    whole: bool = True


class SearchIndex:
    """The full-text index in an SQLite database; threads may share it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read the vocabulary of the index, and the group, day and decades of each entry."""
        self._connection = connection
        self._lock = threading.Lock()
        rows = connection.execute("SELECT grp, day, decades FROM entry ORDER BY id").fetchall()
        self._groups = [group for group, _, _ in rows]
        self._days = [day for _, day, _ in rows]
        self._decades = [tuple(decades.split()) for _, _, decades in rows]
        connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'found', 'row')")
        counts = connection.execute("SELECT term, doc FROM temp.vocabulary").fetchall()
        self._counts = {word: number for word, number in counts if not word.startswith("-")}
        self._words = sorted(self._counts)
        self._near = NearWords(self._words)

    def find(
        self, text: str, *, kind: str = "", decade: str = "", skip: int = 0, most: int = 50, typing: bool = False
    ) -> Found:
        """Return *most* things that *text* may mean, the best first, after the first *skip*.

        *kind* is a group or the local name of a class, *decade* the first three digits of its years. With *typing*, the
        last word of *text* may be a beginning. If *text* has no words, all things of the *kind* are in order of time.
        """
        words, dates, question = index_terms.asked(text[:LONGEST])
        wanted, meant = self._wanted(words, dates, typing=typing)
        filters = storage.marks([*([kind] if kind else []), *([f"@{decade}"] if decade else [])]).split()
        if not wanted:
            return self._listed(filters, skip, most) if filters or not text.strip() else Found((), 0, {}, {})
        rows = self._matching(wanted, most=1 if typing else -1)
        whole = bool(rows)
        if not whole:
            rows = sorted({row for each in self._without_one(wanted) for row in self._matching(each)})
        first = self._ranked(wanted, filters, text, question=question)
        groups, decades = self._counted({*rows, *first}, kind, decade)
        inside = set(self._matching([], filters)) if filters else None
        rest = [row for row in rows if row not in first and (inside is None or row in inside)]
        hits = [replace(hit, by=by) for hit, by in [*first.values()][skip : skip + most]]
        after = max(0, skip - len(first))
        hits += [hit for hit, _ in self._read(rest[after : after + most - len(hits)])]
        return Found(tuple(hits), len(first) + len(rest), groups, decades, meant, whole)

    def _listed(self, filters: Sequence[str], skip: int, most: int) -> Found:
        """Return the entries that have all *filters*, in order of time; all entries if there are no filters."""
        rows = self._matching([], filters) if filters else list(range(len(self._groups)))
        groups, decades = self._counted(rows, "", "")
        if filters:
            rows.sort(key=lambda row: (self._days[row] or "~", row))
        hits = [hit for hit, _ in self._read(rows[skip : skip + most])]
        return Found(tuple(hits), len(rows), groups, decades)

    def _counted(self, rows: Iterable[int], kind: str, decade: str) -> tuple[dict[str, int], dict[str, int]]:
        """Return how many of *rows* are in each group, and in each decade, each within the choice of the other."""
        listed = list(rows)
        mark = f"@{decade}"
        in_decade = [row for row in listed if mark in self._decades[row]] if decade else listed
        of_kind = [row for row in listed if self._groups[row] == kind] if kind in ranking.PRECEDENCE else listed
        groups = Counter(map(self._groups.__getitem__, in_decade))
        decades = Counter(each[1:] for row in of_kind for each in self._decades[row])
        return dict(groups), dict(sorted(decades.items()))

    def _weight(self, *fitting: str) -> float:
        """Return the weight of the terms *fitting*: the more entries have them, the less they tell."""
        return math.log(1 + len(self._groups) / (1 + max((self._counts.get(term, 0) for term in fitting), default=0)))

    def _wanted(
        self, words: Sequence[tuple[str, str]], dates: Sequence[str], *, typing: bool
    ) -> tuple[list[WantedWord], str]:
        """Return what is looked for, the rarest first, and the words as they were understood; empty if as written."""
        found, understood = [], []
        for number, (word, term) in enumerate(words):
            fitting, meant = self._fitting(word, term, begun=typing and number == len(words) - 1)
            understood.append(meant or word)
            found.append(WantedWord(fitting, self._weight(*fitting)))
        found = sorted(found, key=lambda each: -each.weight)[:MOST_WORDS]
        if dates:
            coarse = {date[:length]: COARSE for date in dates for length in (5, 8) if len(date) > length}
            found.append(WantedWord({**coarse, **dict.fromkeys(dates, 1.0)}, self._weight(*dates)))
        return found, " ".join(understood) if understood != [word for word, _ in words] else ""

    def _fitting(self, word: str, term: str, *, begun: bool) -> tuple[dict[str, float], str]:
        """Return the terms that *word*, whose own is *term*, may stand for, each with its factor; and its correction.

        The correction is empty unless the word is misspelt.

        If *begun*, the rest of the word may still be missing.
        """
        fitting = dict.fromkeys(index_terms.ALIKE_TERMS.get(term, ()), SAME)
        # names in Cyrillic letters may be asked for in Latin ones, and the other way round; the key of a word such as
        # "qqqq" is a single letter, which it is not
        keys = (each for each in (index_terms.key(word), term) if len(each) > 1 or len(word) == 1)
        fitting |= {each: 1.0 for each in keys if each in self._counts}
        if begun and self._counts.get(term, 0) < PLENTY or not fitting:
            for start in {index_terms.key(word), term}:
                for each in self._beginning(start):
                    fitting.setdefault(each, BEGUN)
        if fitting:
            return fitting, ""
        near = self._near.find(index_terms.key(word)) or self._near.find(term)
        return dict.fromkeys(near, SIMILAR), self._spelling(near[0]) if near else ""

    def _spelling(self, term: str) -> str:
        """Return the word that names have most often for *term*."""
        with self._lock:
            found = self._connection.execute("SELECT word FROM spelling WHERE term = ?", (term,)).fetchone()
        return str(found[0]) if found else term

    def _beginning(self, start: str) -> list[str]:
        """Return the most frequent terms that begin with *start*."""
        if len(start) < 2 and not start.isdigit():
            return []
        place = bisect_left(self._words, start)
        found = [*takewhile(lambda word: word.startswith(start), self._words[place : place + 500])]
        return sorted(found, key=lambda word: -self._counts[word])[:MOST_ENDINGS]

    def _matching(
        self, wanted: Sequence[WantedWord], filters: Sequence[str] = (), column: str = "", most: int = -1
    ) -> list[int]:
        """Return the numbers of the entries that have all *wanted*, in *column* if it is named, and all *filters*."""
        parts = []
        for each in wanted:
            fitting = [term for term, factor in each.fitting.items() if factor > COARSE]
            if not fitting:
                return []
            # only letters, digits, @ and - are in terms, so that no quote ends the string
            either = " OR ".join(f'"{term}"' for term in fitting)
            parts.append(f"{{{column or 'name rest'}}} : ({either})")
        parts += [f'filter : "{mark}"' for mark in filters]
        asked = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid LIMIT ?"
        with self._lock:
            return [number for (number,) in self._connection.execute(asked, (" AND ".join(parts), most))]

    def _without_one(self, wanted: Sequence[WantedWord]) -> list[list[WantedWord]]:
        """Return *wanted* without one word each, the most frequent left out first; without all words that none has."""
        known = [each for each in wanted if each.fitting]
        if len(known) < len(wanted):
            return [known] if known else []
        places = range(len(known) - 1, -1, -1) if len(known) > 1 else ()
        return [[*known[:place], *known[place + 1 :]] for place in places]

    def _ranked(
        self, wanted: Sequence[WantedWord], filters: Sequence[str], text: str, *, question: bool
    ) -> dict[int, tuple[Hit, str]]:
        """Return the best entries for *wanted* that have all *filters*, the best first, by their numbers.

        Each is a hit with the name that fits best.
        """
        numbers = dict.fromkeys(self._matching(wanted, filters, "name", COMPARED))
        if len(numbers) == COMPARED:
            # entries are in the order of groups: the later groups must not be left out
            for group in storage.marks(ranking.PRECEDENCE).split():
                numbers |= dict.fromkeys(self._matching(wanted, [*filters, group], "name", OF_GROUP))
            if question:
                numbers |= dict.fromkeys(self._matching(wanted, [*filters, "-question"], "name", COMPARED))
        numbers |= dict.fromkeys(self._matching(wanted, filters, "", COMPARED))
        if len(numbers) < FEW:
            for each in self._without_one(wanted):
                numbers |= dict.fromkeys(self._matching(each, filters, "name", COMPARED // 4))
                numbers |= dict.fromkeys(self._matching(each, filters, "", COMPARED // 4))
                if len(numbers) > COMPARED:
                    break
        hoped = [*wanted, *(WantedWord(dict.fromkeys(each, 1.0), ranking.HOPED) for each in index_terms.implied(text))]
        written = index_terms.split(text[:LONGEST])
        scored = []
        for number, (hit, fields) in zip(numbers, self._read(list(numbers)), strict=True):
            having = ranking.shares(wanted, fields.names)
            best = max(having)
            points = ranking.score(hoped, fields, best, written, question=question)
            scored.append((points, number, hit, hit.names[having.index(best)][0]))
        scored.sort(key=lambda each: (-each[0], each[1]))
        return {number: (hit, by) for _, number, hit, by in scored}

    def _read(self, numbers: Sequence[int]) -> list[tuple[Hit, Fields]]:
        """Return the entries *numbers*, each as a hit and with its terms."""
        found: dict[int, tuple[Hit, Fields]] = {}
        for start in range(0, len(numbers), MOST_ASKED):
            asked = numbers[start : start + MOST_ASKED]
            marks = ",".join("?" * len(asked))
            query = f"SELECT id, iri, grp, content FROM entry WHERE id IN ({marks})"
            with self._lock:
                rows = self._connection.execute(query, asked).fetchall()
            found |= {number: _decoded(iri, group, json.loads(content)) for number, iri, group, content in rows}
        return [found[number] for number in numbers]


def _decoded(iri: str, group: str, content: dict[str, Any]) -> tuple[Hit, Fields]:
    names = tuple((name, language) for name, language in content["names"])
    hit = Hit(
        iri, group, names, tuple(content["kinds"]), tuple(content["describing"]), content["about"], content["time"],
        names[0][0],
    )  # fmt: skip
    others = {field: {*content["fields"][field].split()} for field, _ in ranking.FIELDS}
    return hit, Fields(group, content["used"], [each.split() for each in content["terms"]], others)
