"""The full-text index of the release that is being served."""

from kzus_graph.engine.serving import Release, once
from kzus_graph.fulltext import storage
from kzus_graph.fulltext.entries import entries
from kzus_graph.fulltext.index import SearchIndex
from kzus_graph.web.view import page_queries, term_words


@once
def search_index(release: Release) -> SearchIndex:
    """Return the full-text index of *release*: that in its folder, else one made in memory at the first call."""
    path = release.folder / storage.FILE if release.folder is not None else None
    if path is not None and path.is_file():
        return SearchIndex(storage.opened(path))
    # data served without a release, or a release of an earlier version
    asked = entries(lambda name: page_queries.rows(release, name), term_words.names(release))
    return SearchIndex(storage.in_memory(asked))
