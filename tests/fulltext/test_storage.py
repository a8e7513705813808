"""The file of the index: the same bytes for the same entries, read-only, and in the release."""

import sqlite3
from pathlib import Path

import pyoxigraph as ox
import pytest

from kzus_graph.fulltext import entries, storage
from kzus_graph.fulltext.entries import Entry
from kzus_graph.rdf.message_catalogues import TermNames
from kzus_graph.releases import publication
from kzus_graph.releases.publication import WORDS

SOME = [Entry("https://w3id.org/kzus/id/a", "Person", (("Zhanna Ä", "en"),)), Entry("urn:b", "Event", (("\x00", ""),))]


def test_the_same_entries_give_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "other ?#%")]
    for file in files:
        storage.write(file, SOME)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_opened_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "index ?#% é"
    storage.write(file, SOME)
    connection = storage.opened(file)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM entry")
    assert connection.execute("SELECT iri FROM entry").fetchall() == [(entry.iri,) for entry in SOME]
    connection.close()


def test_a_release_has_the_index_of_its_own_store(small_release: Path, tmp_path: Path) -> None:
    assert storage.FILE in publication.manifest(small_release)["files"]
    store = ox.Store.read_only(str(small_release / "store"))
    storage.write(
        tmp_path / "again", entries.entries(entries.of_store(store), TermNames((small_release / WORDS).glob("*.po")))
    )
    assert (tmp_path / "again").read_bytes() == (small_release / storage.FILE).read_bytes()
