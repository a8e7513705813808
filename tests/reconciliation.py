"""JSON Schemas of what a reconciliation service answers, written after the Reconciliation Service API 0.2."""

from typing import Any

TEXT = {"type": "string"}
TYPE = {"type": "object", "properties": {"id": TEXT, "name": TEXT}, "required": ["id"]}
ADDRESS = {"type": "string", "pattern": r"^https?://"}
WITH_ID = {"type": "string", "pattern": r"\{\{id\}\}"}


def record(required: str, **properties: Any) -> dict[str, Any]:
    """An object that has these properties and no others, some of them required."""
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


PLACE = record("service_url service_path", service_url=ADDRESS, service_path={"type": "string", "pattern": "^/"})
SUGGESTING = record(
    "service_url service_path",
    service_url=ADDRESS,
    service_path={"type": "string", "pattern": "^/"},
    flyout_service_url=ADDRESS,
    flyout_service_path={"type": "string", "pattern": r"\$\{id\}"},
)
SETTING = record(
    "name type label",
    name=TEXT,
    type={"enum": ["number", "text", "checkbox", "select"]},
    label=TEXT,
    default={},
    help_text=TEXT,
    choices=listed(record("value name", value=TEXT, name=TEXT)),
)
MANIFEST = record(
    "versions name identifierSpace schemaSpace",
    versions={"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
    name=TEXT,
    identifierSpace=ADDRESS,
    schemaSpace=ADDRESS,
    documentation=ADDRESS,
    serviceVersion=TEXT,
    batchSize={"type": "integer", "minimum": 1},
    defaultTypes={"type": "array", "items": TYPE, "uniqueItems": True},
    view=record("url", url=WITH_ID),
    preview=record("url width height", url=WITH_ID, width={"type": "integer"}, height={"type": "integer"}),
    suggest=record("", entity=SUGGESTING, property=SUGGESTING, type=SUGGESTING),
    extend=record("", propose_properties=PLACE, property_settings=listed(SETTING)),
)
CANDIDATE = record(
    "id name score",
    id=TEXT,
    name=TEXT,
    description=TEXT,
    score={"type": "number", "minimum": 0, "maximum": 100},
    match={"type": "boolean"},
    type=listed(TYPE),
    features=listed(record("id value", id=TEXT, value={"type": ["boolean", "number"]})),
)
RESULT = record("result", result=listed(CANDIDATE), error=TEXT)
BATCH = {"type": "object", "additionalProperties": RESULT}
SUGGESTED_ENTITIES = record(
    "result", result=listed(record("id name", id=TEXT, name=TEXT, description=TEXT, notable=listed(TYPE)))
)
SUGGESTED = record("result", result=listed(record("id name", id=TEXT, name=TEXT)))
PROPERTIES = listed(record("id name", id=TEXT, name=TEXT))
PROPOSED = record("properties type", type=TEXT, limit={"type": "integer"}, properties=PROPERTIES)
MOMENT = r"^-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"
CELL = {
    "oneOf": [
        record(""),
        record("id name", id=TEXT, name=TEXT, description=TEXT),
        record("str", str=TEXT),
        record("float", float={"type": "number"}),
        record("int", int={"type": "integer"}),
        record("date", date={"type": "string", "pattern": MOMENT}),
    ]
}
EXTENDED = record(
    "rows meta",
    meta=listed(record("id name", id=TEXT, name=TEXT, type=TYPE, service=ADDRESS)),
    rows={"type": "object", "additionalProperties": {"type": "object", "additionalProperties": listed(CELL)}},
)
