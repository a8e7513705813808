"""Options that several commands share, and functions that find or build the release that a command reads."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kzus_graph.cli.progress import Steps
from kzus_graph.cli.terminal import show
from kzus_graph.pipeline import content
from kzus_graph.releases import publication

if TYPE_CHECKING:
    from kzus_graph.web.http.base_url import Network
    from kzus_graph.web.view.corrections import Contact

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)
root_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with ontology/, data/ and queries/.  [default: the current folder if it has them, else the copy"
    " inside the installed package]",
)


def _releases(more: str = "") -> Callable[[FC], FC]:
    return click.option(
        "--release",
        "out",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("release"),
        show_default=True,
        help=f"Folder of the releases; its file CURRENT names the current one{more}.",
    )


release_option = _releases(", which is built first if there is none")
releases_option = _releases()


def _prefixes(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return *given* unchanged if each text is the beginning of an HTTP address, else raise click.BadParameter."""
    from kzus_graph.engine.remotes import is_prefix

    for prefix in given:
        if not is_prefix(prefix):
            raise click.BadParameter(
                f"{prefix!r} is not the beginning of an HTTP address; write, for example, https://query.wikidata.org/sparql"
            )
    return given


service_option = click.option(
    "--service",
    multiple=True,
    metavar="PREFIX",
    callback=_prefixes,
    help="Allow SERVICE to query addresses that begin with PREFIX (may be repeated).  [default: none]",
)


def _networks(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple["Network", ...]:
    """Return *given* as IP networks. Raises click.BadParameter if a text is neither an IP address nor a network."""
    from kzus_graph.web.http.base_url import network

    try:
        return tuple(network(text) for text in given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


proxy_option = click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=_networks,
    help="Trust X-Forwarded-Host, -Proto and -Prefix in requests from this IP address or network (may be repeated)."
    "  [default: none, not even this machine]",
)


def _contact(_: click.Context, __: click.Parameter, given: str | None) -> "Contact | None":
    """Return *given* as a Contact. Raises click.BadParameter if it is neither a mail address nor a web address."""
    from kzus_graph.web.view.corrections import contact

    try:
        return contact(given) if given else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _web_address(_: click.Context, __: click.Parameter, given: str) -> str:
    """Return *given* if it is empty or a web address. Raises click.BadParameter otherwise."""
    from kzus_graph.web.view.corrections import is_web_address

    if given and not is_web_address(given):
        raise click.BadParameter(f"{given!r} is not a web address, such as https://example.org/kzus")
    return given


contact_option = click.option(
    "--contact",
    metavar="URL-OR-MAIL",
    callback=_contact,
    help="Mail address or issue tracker's form for reports of errors; each page links to it with a prefilled text."
    "  [default: no link]",
)
source_code_option = click.option(
    "--source-code",
    default="",
    metavar="URL",
    callback=_web_address,
    help="Address of the source repository, which each page links to.  [default: no link]",
)


def built(
    root: Path, out: Path, only: Sequence[str] = (), *, reasoner: str = "compiled", profile: bool = False
) -> Path:
    """Return the folder of the current release in *out*, after building it if it is not up to date with *root*.

    *only* and *reasoner* are those of release.build; with *profile*, print the cost of each step. If a shape or a check
    is violated, print the violations and exit with code 1.
    """
    from kzus_graph.pipeline import release  # takes 0.03 s, and most commands find a release

    steps = Steps(profile=profile)
    try:
        folder = release.build(root, out, only, steps, reasoner)
    except release.Unfit as error:
        steps.done()
        show(error.violations, content.by_likelihood(root, only))
        click.echo(f"kzus-graph: {error}", err=True)
        sys.exit(1)
    steps.done()
    return folder


def in_force(root: Path, out: Path) -> Path:
    """Return the folder of the current release in *out*; if there is no release, build one from *root* first."""
    return publication.current(out) or built(root, out)
