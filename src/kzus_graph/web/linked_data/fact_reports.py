"""``/correct/…``: the facts of a thing, each with a link that reports an error in it, if the operator takes reports."""

from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, g

from kzus_graph.engine.serving import Release
from kzus_graph.web.http.problem_details import Problem
from kzus_graph.web.linked_data import dereference, page_statements
from kzus_graph.web.view import citations, corrections, labels, responses
from kzus_graph.web.view.corrections import Contact
from kzus_graph.web.view.labels import Shown
from kzus_graph.web.view.translation import gettext

MOST: Final = 300
"""The most facts that the page lists; a thing with more is reported as a whole."""

blueprint = Blueprint("corrections", __name__)
"""The route of the pages on which a reader picks the fact that is wrong."""


@blueprint.get("/correct/<path:path>")
def correct(path: str) -> Response:
    """Return the page with the facts of the resource at *path*, each with a link to report an error in it.

    Raises Problem (404) if the operator of this server has set no address for reports.
    """
    contact = corrections.known()
    if contact is None:
        raise Problem(404, "not-found", "The operator of this server has set no address for reports of errors.")
    release: Release = g.release
    thing = page_statements.describe_resource(release, dereference.find(release, path))
    address = citations.pinned_address(f"page/{path}", release.name)
    moments = [
        (
            Shown(ox.Literal(""), gettext("When"), labels.of_page()),
            moment.text,
            [source.shown for source in thing.sources if source.number in moment.sources],
        )
        for moment in thing.moments
    ]
    facts = moments + [
        (fact.label, value.shown.text, [source.shown for source in thing.sources if source.number in value.sources])
        for fact in thing.facts
        if fact.iri != page_statements.HAS_NOTE
        for value in fact.values
    ]
    return responses.page(
        "correct.html",
        thing=thing,
        facts=facts[:MOST],
        more=len(facts) - len(facts[:MOST]),
        report=lambda fact: report(contact, release, thing, address, fact),
    )


def report(
    contact: Contact, release: Release, thing: page_statements.ResourceDescription, address: str, fact: str
) -> str:
    """Return the address at which *contact* takes a report about *fact*, which the page *address* of *thing* states."""
    return contact.link(
        f"Correction: {thing.name}",
        ("About", thing.resource.iri.value),
        ("Fact", fact),
        ("Page", address),
        ("Release", release.name),
    )
