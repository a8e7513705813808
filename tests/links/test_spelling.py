"""What is the same in two spellings, and dates in names."""

import pytest

from kzus_graph.links.spelling import Span, dated, plain, sound, words

ONE_SOUND = [
    ("Nazarbayev", "Nazarbaev", "Nazarbajev", "Назарбаев"),
    ("Yerzhan", "Erzhan", "Ержан"),
    ("Kazykhanov", "Kazyhanov", "Qazykhanov", "Казыханов"),
    ("Kairat", "Kayrat", "Qairat", "Қайрат"),
    ("Gumilyov", "Gumilev", "Гумилёв", "Гумилев"),
    ("Semipalatinsk", "Semipalatynsk", "Семипалатинск"),
    ("Zhambyl", "Jambyl", "Жамбыл"),
    ("Nursultan", "Nursūltan", "Нұрсұлтан"),
]
NOT_ONE_SOUND = [("Astana", "Astara"), ("Kazakhstan", "Kyrgyzstan"), ("Obama", "Osama"), ("Blake", "Black")]


@pytest.mark.parametrize("spellings", ONE_SOUND, ids=lambda spellings: spellings[0])
def test_transliterations_of_one_name_sound_alike(spellings: tuple[str, ...]) -> None:
    assert len({sound(plain(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize("names", NOT_ONE_SOUND)
def test_other_names_sound_otherwise(names: tuple[str, str]) -> None:
    assert sound(plain(names[0])) != sound(plain(names[1]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NAZARBAYEV, Nursultan", ("nazarbayev", "nursultan")),
        ("O.S.C.E.", ("osce",)),
        ("L.N. Gumilyov", ("ln", "gumilyov")),
        ("N. Nazarbayev", ("n", "nazarbayev")),
        ("d’Estaing", ("destaing",)),
        ("KAZNEX-INVEST", ("kaznex", "invest")),
        ("  \t", ()),
        ("!?…", ()),
        ("北京 2010", ("北京", "2010")),
        ("ｆｕｌｌ ｗｉｄｔｈ", ("full", "width")),
    ],
)
def test_words_are_told_apart(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "rest", "span"),
    [
        ("2010", "", Span("2010-01-01", "2010-12-31")),
        ("2010-04-11", "", Span("2010-04-11", "2010-04-11")),
        ("2010-04", "", Span("2010-04-01", "2010-04-30")),
        ("11.4.2010", "", Span("2010-04-11", "2010-04-11")),
        ("11 April 2010", "", Span("2010-04-11", "2010-04-11")),
        ("April 11th, 2010", "", Span("2010-04-11", "2010-04-11")),
        ("Apr. 2010", "", Span("2010-04-01", "2010-04-30")),
        ("April 11-13, 2010", "", Span("2010-04-11", "2010-04-13")),
        ("February 2012", "", Span("2012-02-01", "2012-02-29")),
        ("31 February 2012", "", Span("2012-02-01", "2012-02-29")),
        ("2010-13-40", "", Span("2010-01-01", "2010-12-31")),
        ("from 2006 to 2010", "from  to ", Span("2006-01-01", "2010-12-31")),
        ("Marching 2010", "Marching ", Span("2010-01-01", "2010-12-31")),
        ("resolution 20101", "resolution 20101", None),
        ("May in Astana", "May in Astana", None),
        ("12345", "12345", None),
    ],
)
def test_dates_are_read_in_many_forms(text: str, rest: str, span: Span | None) -> None:
    assert dated(text) == (rest, span)


def test_days_meet_when_one_is_in_both() -> None:
    april, year = Span("2010-04-01", "2010-04-30"), Span("2010-01-01", "2010-12-31")
    day = Span("2010-04-11", "2010-04-11")
    assert april.meets(day) and day.meets(year) and not day.meets(Span("2011-01-01", "2011-12-31"))
    assert april.is_fine and day.is_fine and not year.is_fine
