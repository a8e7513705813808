"""Lays out the network of persons who met, by a deterministic simulation of forces."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from kzus_graph.web.charts import label_placement
from kzus_graph.web.view.page_queries import Row

WIDTH: Final = 960
HEIGHT: Final = 640
MARGIN_X: Final = 80
MARGIN_Y: Final = 40
# The width and height of the drawing for a narrow window.
NARROW: Final = (360, 640)
# The size of the letters of a name, as in home.css.
LETTERS: Final = 14
ROUNDS: Final = 300
# The least distance between two discs, and the number of rounds in which discs that are nearer move apart.
GAP: Final = 5
PARTINGS: Final = 200
# The states with a form and a colour of their own, those with most persons first; the others share one.
MOST_STATES: Final = 8
CIRCLE: Final = "M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z"
CORNERS: Final = (
    (), ((-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)), ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    ((0, -1.3), (1.3, 0.95), (-1.3, 0.95)), ((1.3, -0.95), (0, 1.3), (-1.3, -0.95)),
    ((-0.6, -1.04), (0.6, -1.04), (1.2, 0), (0.6, 1.04), (-0.6, 1.04), (-1.2, 0)),
    ((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4), (0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4),
     (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
    ((0, -1.2), (1.14, -0.37), (0.7, 0.97), (-0.7, 0.97), (-1.14, -0.37)),
)  # fmt: skip
"""The corners of the form of each state, in radii from its centre: the first is a circle, as is that of the others."""


@dataclass(frozen=True)
class Node:
    """A person: *number* of events, position and radius of the person's disc, and position of the label (*name*).

    *state* is the name of the country that the person represented; empty if none is recorded. *form* is the number of
    its colour and form: 0 if no state is recorded, MOST_STATES + 1 for a state without a form of its own. *key* is the
    person's number in the list of persons, which stands in the disc if there is no room for the name beside it.
    """

    iri: str
    label: str
    state: str
    number: int
    x: int
    y: int
    radius: int
    name: label_placement.LabelPosition
    key: int = 0
    form: int = 0

    @property
    def outline(self) -> str:
        """The disc as an SVG path; its form tells the state, as its colour does."""
        return outline(self.form, self.x, self.y, self.radius)


@dataclass(frozen=True)
class Edge:
    """Two persons who met, and the events at which they met, each as (IRI, label)."""

    one: Node
    other: Node
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Network:
    """The whole drawing; *states* are the names of the represented countries, in the order of their colours.

    *rest* are those that share a colour. *others* is true if there is a person without a recorded country.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    states: tuple[str, ...]
    rest: tuple[str, ...]
    others: bool
    width: int = WIDTH
    height: int = HEIGHT


def outline(form: int, x: float, y: float, radius: float) -> str:
    """Return the SVG path of the disc with the number *form* around (*x*, *y*).

    >>> outline(1, 20, 20, 10), outline(2, 20, 20, 10)
    ('M10 20a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z', 'M11.1 11.1L28.9 11.1 28.9 28.9 11.1 28.9z')
    """
    corners = CORNERS[form - 1] if 0 < form <= MOST_STATES else ()
    if not corners:
        return CIRCLE.format(left=x - radius, y=y, r=radius, across=2 * radius)
    first, *others = (f"{round(x + radius * dx, 1):g} {round(y + radius * dy, 1):g}" for dx, dy in corners)
    return f"M{first}L{' '.join(others)}z"


def draw(meetings: Iterable[Row], people: Iterable[Row], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Network:
    """Return the drawing of the persons who met and the lines between them, in the *size* (width, height).

    *meetings* are the solutions of ``home-meetings.rq``, *people* those of ``home-people.rq``.
    """
    occasions: dict[tuple[str, str], list[tuple[str, str]]] = {}
    labels: dict[str, str] = {}
    attended: dict[str, set[str]] = {}
    for row in meetings:
        one, other = row["one"].value, row["other"].value
        labels |= {one: row["oneLabel"].value, other: row["otherLabel"].value}
        occasions.setdefault((one, other), []).append((row["event"].value, row["label"].value))
        for person in (one, other):
            attended.setdefault(person, set()).add(row["event"].value)
    states = {row["person"].value: row["state"].value for row in people if "state" in row}
    totals = {person: len(events) for person, events in attended.items()}
    order = sorted(labels, key=lambda person: (-totals[person], person))
    radii = {person: 10 + min(12, 2 * totals[person]) for person in order}
    settled = _settled(order, {pair: len(events) for pair, events in occasions.items()}, size)
    places = _parted(_fitted(settled, size), radii, size)
    points = [label_placement.Point(labels[person], *places[person], radii[person] + 2) for person in order]
    names = label_placement.placed(points, LETTERS, below_first=True, within=size)
    counted = Counter(states[person] for person in order if person in states)
    found = sorted(counted, key=lambda name: (-counted[name], name))
    forms = {name: min(number, MOST_STATES + 1) for number, name in enumerate(found, 1)}
    nodes = {}
    for key, (person, point, name) in enumerate(zip(order, points, names, strict=True), 1):
        state = states.get(person, "")
        nodes[person] = Node(
            person, point.name, state, totals[person], point.x, point.y, radii[person], name, key, forms.get(state, 0)
        )
    edges = tuple(Edge(nodes[one], nodes[other], tuple(events)) for (one, other), events in occasions.items())
    own, rest = tuple(found[:MOST_STATES]), tuple(found[MOST_STATES:])
    return Network(tuple(nodes.values()), edges, own, rest, len(states.keys() & nodes) < len(nodes), *size)


def _settled(
    order: list[str], ties: Mapping[tuple[str, str], int], size: tuple[int, int]
) -> dict[str, tuple[float, float]]:
    """Return a position (x, y) for each person in *order*, after ROUNDS steps of a simulation of forces.

    All persons repel each other, those with *ties* (numbers of meetings) attract each other, and the centre attracts
    everyone. The largest possible step decreases with each round.
    """
    turn = math.tau / max(1, len(order))
    # The middle attracts more strongly along the shorter side.
    draws = (0.6, 0.9) if size[0] > size[1] else (0.9, 0.6)
    places = {person: (math.cos(turn * i), math.sin(turn * i)) for i, person in enumerate(order)}
    for step in range(ROUNDS):
        most = 0.2 * (1 - step / ROUNDS)
        pulls = {person: (-draws[0] * x, -draws[1] * y) for person, (x, y) in places.items()}
        for i, one in enumerate(order):
            for other in order[i + 1 :]:
                across, down = places[one][0] - places[other][0], places[one][1] - places[other][1]
                apart = max(math.hypot(across, down), 0.01)
                force = 0.18 / apart**2
                if ties.get((one, other)) or ties.get((other, one)):
                    force -= 1.2 * apart
                shift = (across / apart * force, down / apart * force)
                pulls[one] = (pulls[one][0] + shift[0], pulls[one][1] + shift[1])
                pulls[other] = (pulls[other][0] - shift[0], pulls[other][1] - shift[1])
        for person, (across, down) in pulls.items():
            length = math.hypot(across, down)
            reach = min(length * 0.1, most) / length if length else 0.0
            places[person] = (places[person][0] + across * reach, places[person][1] + down * reach)
    return places


def _fitted(places: Mapping[str, tuple[float, float]], size: tuple[int, int]) -> dict[str, tuple[int, int]]:
    if not places:
        return {}
    xs, ys = zip(*places.values(), strict=True)
    across = (size[0] - 2 * MARGIN_X) / (max(xs) - min(xs) or 1)
    down = (size[1] - 2 * MARGIN_Y) / (max(ys) - min(ys) or 1)
    return {
        person: (round(MARGIN_X + (x - min(xs)) * across), round(MARGIN_Y + (y - min(ys)) * down))
        for person, (x, y) in places.items()
    }


def _parted(
    places: Mapping[str, tuple[int, int]], radii: Mapping[str, int], size: tuple[int, int]
) -> dict[str, tuple[int, int]]:
    """Return *places* moved as little as needed, so that no two discs with these *radii* lie on each other.

    In a drawing that is too small for its discs some still do.
    """
    found = {person: (float(x), float(y)) for person, (x, y) in places.items()}
    for _ in range(PARTINGS):
        moved = False
        for one, other in combinations(found, 2):
            across, down = found[other][0] - found[one][0], found[other][1] - found[one][1]
            # Forms with corners reach a quarter beyond their radius.
            lacking = 1.25 * (radii[one] + radii[other]) + GAP - math.hypot(across, down)
            if lacking <= 0:
                continue
            moved = True
            apart = math.hypot(across, down) or 1.0
            shift = ((across or 1.0) / apart * lacking / 2, down / apart * lacking / 2)
            for person, side in ((one, -1), (other, 1)):
                x, y = (at + side * by for at, by in zip(found[person], shift, strict=True))
                edge = 1.3 * radii[person]
                found[person] = (min(max(x, edge), size[0] - edge), min(max(y, edge), size[1] - edge))
        if not moved:
            break
    return {person: (round(x), round(y)) for person, (x, y) in found.items()}
