"""Lays out the network of persons who met, by a deterministic simulation of forces."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kzus_graph.web.charts import label_placement
from kzus_graph.web.view.page_queries import Row

WIDTH: Final = 720
HEIGHT: Final = 440
MARGIN_X: Final = 80
MARGIN_Y: Final = 40
# The width and height of the drawing for a narrow window.
NARROW: Final = (360, 560)
# The size of the letters of a name, as in home.css.
LETTERS: Final = 14
ROUNDS: Final = 300
# The labels of this number of persons, those with most meetings, may cover other points if there is no better position.
SURE: Final = 4


@dataclass(frozen=True)
class Node:
    """A person: *number* of meetings, position and radius of the person's circle, and position of the label (*name*).

    *state* is the name of the country that the person represented; empty if none is recorded.
    """

    iri: str
    label: str
    state: str
    number: int
    x: int
    y: int
    radius: int
    name: label_placement.LabelPosition


@dataclass(frozen=True)
class Edge:
    """Two persons who met, and the events at which they met, each as (IRI, label)."""

    one: Node
    other: Node
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Network:
    """The whole drawing; *states* are the names of the represented countries, in the order of their colours.

    *others* is true if there is a person without a recorded country.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    states: tuple[str, ...]
    others: bool
    width: int = WIDTH
    height: int = HEIGHT


def draw(meetings: Iterable[Row], people: Iterable[Row], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Network:
    """Return the drawing of the persons who met and the lines between them, in the *size* (width, height).

    *meetings* are the solutions of ``home-meetings.rq``, *people* those of ``home-people.rq``.
    """
    occasions: dict[tuple[str, str], list[tuple[str, str]]] = {}
    labels: dict[str, str] = {}
    for row in meetings:
        one, other = row["one"].value, row["other"].value
        labels |= {one: row["oneLabel"].value, other: row["otherLabel"].value}
        occasions.setdefault((one, other), []).append((row["event"].value, row["label"].value))
    states = {row["person"].value: row["state"].value for row in people if "state" in row}
    totals = dict.fromkeys(labels, 0)
    for pair, events in occasions.items():
        for person in pair:
            totals[person] += len(events)
    order = sorted(labels, key=lambda person: (-totals[person], person))
    places = _fitted(_settled(order, {pair: len(events) for pair, events in occasions.items()}, size), size)
    points = [
        label_placement.Point(labels[person], *places[person], 8 + min(12, 2 * totals[person])) for person in order
    ]
    names = label_placement.placed(points, LETTERS, below_first=True, within=size, sure=SURE)
    nodes = {
        person: Node(person, point.name, states.get(person, ""), totals[person], point.x, point.y, point.radius, name)
        for person, point, name in zip(order, points, names, strict=True)
    }
    counted: dict[str, int] = {}
    for node in nodes.values():
        counted[node.state] = counted.get(node.state, 0) + 1
    edges = tuple(Edge(nodes[one], nodes[other], tuple(found)) for (one, other), found in occasions.items())
    found = tuple(sorted(filter(None, counted), key=lambda name: (-counted[name], name)))
    return Network(tuple(nodes.values()), edges, found, "" in counted, *size)


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
