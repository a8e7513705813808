"""Spelling: reduces different spellings of a name to one form, and reads the dates in a name."""

import re
import unicodedata
from calendar import monthrange
from functools import lru_cache
from typing import Final, NamedTuple

# Cyrillic of Russian and Kazakh, and Latin letters that Unicode does not take apart into a letter and a mark.
LETTERS: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
        "я": "ya", "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
        "ı": "i", "ŋ": "n", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe",
        "'": "", "’": "", "‘": "", "ʼ": "", "ʹ": "", "`": "",
    }
)  # fmt: skip
ABBREVIATION: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}")
LONE: Final = re.compile(r"(?<!\w)[жхцчшщюя](?!\w)")
LONE_LETTERS: Final = str.maketrans("жхцчшщюя", "jhtcssyy")
"""The Latin initial for each Cyrillic initial: the first letter in the Latin spelling of words that begin with it."""
TWO_LETTERS: Final = re.compile(r"(?<!\w)(?:dzh|дж|shch|[cskzpt]h|ts|y[aeu])(?=\.)")
TWO_LETTERS_ARE_ONE: Final = {"dzh": "j", "дж": "j", "zh": "j", "kh": "h", "ye": "e"}
"""Initials of several letters that are not simply cut to their first letter, each with the letter that replaces it."""
APART: Final = re.compile(r"(?<!\w)(?:[^\W\d_](?:[.-]\s*|\s+)){1,4}[^\W\d_]\.?(?!\w)")
CLOSE: Final = re.compile(r"(?<=[\w.,])\s+([^\W\d_]{2,3})\s*$")
WORD: Final = re.compile(r"[^\W_]+")
ALIKE: Final = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"^(?:dzh|dj|zh|j)", "Z"), (r"zh", "Z"), (r"shch|sch", "sh"), (r"kh", "h"), (r"gh", "g"), (r"ph", "f"),
        (r"ck", "k"), (r"q", "k"), (r"x", "ks"), (r"tz", "ts"), (r"w", "v"),
        (r"ou", "u"), (r"[yj](?=e)|(?<=[aou])i(?=e)", ""), (r"(?<=[^aeou])[yj]o", "e"), (r"[yj]", "i"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""Spellings of sounds in different transliterations (regular expressions), each with its form in phonetic keys."""
MONTHS: Final = tuple(
    line.split()
    for line in (
        "jan янв қаң",
        "feb фев ақп",
        "mar мар нау",
        "apr апр сәу",
        "may май мая мае мам",
        "jun июн мау",
        "jul июл шіл",
        "aug авг там",
        "sep сен қыр",
        "oct окт қаз",
        "nov ноя қар",
        "dec дек жел",
    )
)
"""The first three letters of each month in English, Russian and Kazakh."""
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)[ьяе]"
    r"|(?:март|август)[ае]?|ма[йяе]|(?:қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша"
    r"|желтоқсан)(?:дағы|дегі|тағы|тегі|да|де|та|те)?)\.?"
)
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>1[5-9]\d\d|20\d\d)"
DATES: Final = tuple(
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}-(?P<number>\d\d)(?:-(?P<day>\d\d))?",
        rf"(?P<day>\d\d?)\.(?P<number>\d\d?)\.{_YEAR}",
        rf"{_DAY}(?:\s*[-–]\s*(?P<last>\d{{1,2}}))?\s+{_MONTH},?\s+{_YEAR}",
        rf"{_MONTH}\s+{_DAY}(?:\s*[-–]\s*(?P<last>\d{{1,2}}))?,?\s+{_YEAR}",
        rf"{_YEAR}\s+жыл\w*\s+(?:{_DAY}(?:\s*[-–]\s*(?P<last>\d{{1,2}}))?\s+)?{_MONTH}",
        rf"{_MONTH},?\s+{_YEAR}",
        _YEAR,
    )
)
"""Regular expressions for a day, a span of days, a month and a year, the most precise first."""
LIFE_DATES: Final = re.compile(
    r"[\s,;(\[]+(?:(?P<first>1[5-9]\d\d|20\d\d)\s*[-–—]\s*(?P<last>1[5-9]\d\d|20\d\d)?"
    r"|(?:b\.|born|род\.|р\.)(?P<born>[^()\[\]]{0,30}\d{4}[^()\[\]]{0,30}))[)\]]?\.?\s*$",
    re.IGNORECASE,
)
"""A regular expression for a person's years of birth and death at the end of a name, as library catalogues add them."""


class Span(NamedTuple):
    """The days from *first* to *last*, both as ISO 8601 dates."""

    first: str
    last: str

    def meets(self, other: "Span") -> bool:
        """Return whether the two spans have a day in common."""
        return self.first <= other.last and other.first <= self.last

    @property
    def is_fine(self) -> bool:
        """Whether the span lies within one month."""
        return self.first[:7] == self.last[:7]


def plain(text: str) -> str:
    """Return *text* in lower case, without diacritics, and with Cyrillic, but no other script, converted to Latin.

    >>> plain("Нұрсұлтан Назарбаев"), plain("Zalmaï RASSOUL")
    ('nursultan nazarbaev', 'zalmai rassoul')
    """
    # first compose letters, so that the table finds them; then decompose the rest, so that marks can be removed
    placed = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    if placed.isascii():
        return placed
    return "".join(mark for mark in unicodedata.normalize("NFKD", placed) if not unicodedata.combining(mark))


def words(text: str) -> tuple[str, ...]:
    """Return all words of *text*, converted to lower-case Latin letters (é becomes e, б becomes b).

    An abbreviation with full stops (U.S.) is one word.

    >>> words("U.S. State Department"), words("Jackson–Vanik")
    (('us', 'state', 'department'), ('jackson', 'vanik'))
    """
    joined = ABBREVIATION.sub(lambda found: found[0].replace(".", "") + " ", plain(_lettered(text)))
    return tuple(WORD.findall(joined))


def readings(text: str) -> list[tuple[str, ...]]:
    """Return the ways to split *text* into words: letters that may be one word or several initials are read both ways.

    Two or three capitals at the end of *text* may be initials without full stops, too.

    >>> readings("Назарбаев Н.А."), readings("Tokayev KJ")
    ([('nazarbaev', 'na'), ('nazarbaev', 'n', 'a')], [('tokayev', 'kj'), ('tokayev', 'k', 'j')])
    >>> readings("U. S. Senate"), readings("Donald Lu")
    ([('u', 's', 'senate'), ('us', 'senate')], [('donald', 'lu')])
    """
    placed = _lettered(text)
    apart = ABBREVIATION.sub(lambda found: found[0].replace(".", " "), placed)
    together = APART.sub(lambda found: "".join(WORD.findall(found[0])), placed)
    close = CLOSE.search(text)
    if close and close[1].isupper():
        apart = _lettered(f"{text[: close.start()]} {' '.join(close[1])}")
    return list(dict.fromkeys(words(each) for each in (placed, apart, together)))


def _lettered(text: str) -> str:
    """Return *text* in lower case, with each initial as one letter, even if Latin needs more (Kh. and Х become h)."""
    small = unicodedata.normalize("NFKC", text).casefold()
    small = TWO_LETTERS.sub(lambda found: TWO_LETTERS_ARE_ONE.get(found[0], found[0][0]), small)
    return LONE.sub(lambda found: found[0].translate(LONE_LETTERS), small)


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return the phonetic key of *word* (in lower-case Latin letters), the same for different transliterations.

    >>> sound("nazarbayev") == sound("nazarbaev"), sound("erzhan") == sound("yerzhan"), sound("2010")
    (True, True, '2010')
    """
    if not word.isalpha():
        return word
    for pattern, written in ALIKE:
        word = pattern.sub(written, word)
    return word


def dated(text: str) -> tuple[str, Span | None]:
    """Return *text* without its dates, and the span from their first day to their last; None if *text* has no date.

    >>> dated("visit of Nazarbayev, April 2010")
    ('visit of Nazarbayev, ', Span(first='2010-04-01', last='2010-04-30'))
    >>> dated("Nazarbayev, Nursultan, 1940-")
    ('Nazarbayev, Nursultan', Span(first='1940-01-01', last='9999-12-31'))
    >>> dated("11–13 April 2010")[1], dated("Astana")
    (Span(first='2010-04-11', last='2010-04-13'), ('Astana', None))
    >>> dated("визит в апреле 2010 года")[1], dated("2010 жылғы 11 сәуірдегі кездесу")[1]
    (Span(first='2010-04-01', last='2010-04-30'), Span(first='2010-04-11', last='2010-04-11'))
    """
    spans: list[Span] = []

    def note(found: re.Match[str]) -> str:
        spans.append(_span({name: value for name, value in found.groupdict().items() if value}))
        return ""

    if found := LIFE_DATES.search(text):
        text = text[: found.start()] + (found["born"] or "")
        if found["first"]:
            spans.append(Span(f"{found['first']}-01-01", f"{found['last'] or 9999}-12-31"))
    for pattern in DATES:
        text = pattern.sub(note, text)
    if not spans:
        return text, None
    return text, Span(min(span.first for span in spans), max(span.last for span in spans))


def _month(name: str) -> int:
    return next(number for number, names in enumerate(MONTHS, 1) if name[:3].lower() in names)


def _span(found: dict[str, str]) -> Span:
    year = found["year"]
    month = _month(found["month"]) if "month" in found else int(found.get("number", 0))
    if not 1 <= month <= 12:
        return Span(f"{year}-01-01", f"{year}-12-31")
    most = monthrange(int(year), month)[1]
    first, last = int(found.get("day", 1)), int(found.get("last", found.get("day", most)))
    if not 1 <= first <= last <= most:
        first, last = 1, most
    return Span(f"{year}-{month:02}-{first:02}", f"{year}-{month:02}-{last:02}")
