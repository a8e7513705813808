"""Fonts that no machine has, made for the tests: what holds in the widest and in the narrowest holds in a reader's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

EM: Final = 1000
LETTERS: Final = (range(0x21, 0x7F), range(0xA1, 0x530), range(0x2010, 0x2028), range(0x2030, 0x27C0))
"""Latin, Greek, Cyrillic with Kazakh, punctuation, arrows and signs."""
BLANKS: Final = (0x20, 0xA0, 0x2009, 0x202F)


@dataclass(frozen=True)
class Cut:
    """How every letter is: how wide, how far it goes up and down from the line, in thousandths of the font's size."""

    width: int
    up: int
    down: int


CUTS: Final[Mapping[str, Cut]] = {"narrow": Cut(400, 700, 150), "wide": Cut(720, 960, 260)}
"""Letters of Liberation Sans Narrow have 450 on average, of DejaVu Sans Bold 690; Й goes up to 950, щ down to 220."""


def font_set(folder: Path, name: str) -> Path:
    """Make the font of CUTS that has a *name*; return the file for ``FONTCONFIG_FILE`` that knows no other."""
    folder.mkdir(parents=True, exist_ok=True)
    _font(name, CUTS[name]).save(folder / f"{name}.ttf")
    conf = folder / "fonts.conf"
    conf.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"<dir>{escape(str(folder))}</dir><cachedir>{escape(str(folder / 'cache'))}</cachedir></fontconfig>"
    )
    return conf


def _font(name: str, cut: Cut) -> FontBuilder:
    pen = TTGlyphPen(None)
    left, right = EM // 50, cut.width - EM // 50
    pen.moveTo((left, -cut.down))
    for corner in ((left, cut.up), (right, cut.up), (right, -cut.down)):
        pen.lineTo(corner)
    pen.closePath()
    box, nothing = pen.glyph(), TTGlyphPen(None).glyph()
    blank = cut.width // 2
    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder([".notdef", "letter", "blank"])
    letters = {code: "letter" for codes in LETTERS for code in codes}
    font.setupCharacterMap(letters | dict.fromkeys(BLANKS, "blank"))
    font.setupGlyf({".notdef": box, "letter": box, "blank": nothing})
    font.setupHorizontalMetrics({".notdef": (cut.width, left), "letter": (cut.width, left), "blank": (blank, 0)})
    font.setupHorizontalHeader(ascent=950, descent=-250)
    font.setupNameTable({"familyName": f"Test {name}", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=950, sTypoDescender=-250, usWinAscent=950, usWinDescent=250)
    font.setupPost()
    return font
