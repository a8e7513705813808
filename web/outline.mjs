// Draws the outline of the land, once: `npm ci && npm run outline` writes ../src/kzus_graph/web/static/world.svg.
// The shapes are Natural Earth's (public domain), as the package world-atlas carries them at 1:110 million.
// Equirectangular, ten units to a degree, origin at 180° W and 84° N, so that anyone can place a point by arithmetic.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const NORTH = 84;
const SOUTH = -57;
const world = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("world-atlas/land-110m.json"), "utf8"));
const land = feature(world, world.objects.land);
const shapes = land.type === "FeatureCollection" ? land.features.map((one) => one.geometry) : [land.geometry];
const polygons = shapes.flatMap((shape) => (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates));

// A ring that crosses the date line goes on beyond the edge, and is drawn once more on the other side.
const ring = (points) => {
  let turns = 0;
  const places = points.map(([long, lat], i) => {
    if (i > 0 && Math.abs(long - points[i - 1][0]) > 180) turns += long < points[i - 1][0] ? 3600 : -3600;
    return [Math.round((long + 180) * 10) + turns, Math.round((NORTH - lat) * 10)];
  });
  let [x, y] = places[0];
  let moves = "";
  for (const [nextX, nextY] of places.slice(1, -1)) {
    if (nextX !== x || nextY !== y) moves += `${moves ? " " : ""}${nextX - x} ${nextY - y}`;
    [x, y] = [nextX, nextY];
  }
  const drawn = (shift) => `M${places[0][0] + shift} ${places[0][1]}l${moves}z`.replaceAll(" -", "-");
  const xs = places.map(([across]) => across);
  const again = Math.max(...xs) > 3600 ? drawn(-3600) : Math.min(...xs) < 0 ? drawn(3600) : "";
  return moves ? drawn(0) + again : "";
};
const visible = polygons.filter((polygon) => polygon[0].some(([, lat]) => lat > SOUTH));
const path = visible.flatMap((polygon) => polygon.map(ring)).join("");
const height = (NORTH - SOUTH) * 10;
writeFileSync(
  new URL("../src/kzus_graph/web/static/world.svg", import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3600 ${height}"><title>The land of the Earth</title>` +
    `<desc>Made with Natural Earth, which is in the public domain.</desc><path id="land" d="${path}"/></svg>\n`,
);
