"""The interface described in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from datasette_config.api.parameters import PAGING, Parameter, filters
from datasette_config.api.problems import PROBLEM
from store.types import KINDS, STATES

ROOT: Final = "/api/v1"
#: The largest number of an entry that a path may name.
LARGEST_ID: Final = 10**15 - 1

Schema = dict[str, Any]


def describe(known: Mapping[str, Sequence[str]], origin: str) -> Schema:
    """The whole description; ``known``: the values there are of topics, states, sources …"""
    narrowing = [_parameter(one) for one in filters(known)]
    paging = [_parameter(one) for one in PAGING]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kommunalradar",
            "version": "1",
            "description": (
                "Das Archiv für Programme: dieselbe Suche und dieselben Einträge wie auf den "
                "Seiten, als JSON. Ohne Anmeldung, nur lesen, von jeder Herkunft (CORS). "
                "Texte stehen darin nur, soweit ihre Quelle das erlaubt; die Rechte liegen dort. "
                "Angaben kommen mit der Zeit hinzu; was es gibt, behält Namen und Bedeutung."
            ),
        },
        "servers": [{"url": origin}],
        "paths": {
            f"{ROOT}/suche": {
                "get": _operation(
                    "suche",
                    "Einträge suchen",
                    "Die Einträge, die zu allen Bedingungen passen; von mehreren Werten einer "
                    "Bedingung genügt einer. Fast gleiche Einträge mehrerer Quellen zählen als "
                    "einer.",
                    [*narrowing, *paging],
                    "Results",
                )
            },
            f"{ROOT}/facets": {
                "get": _operation(
                    "facets",
                    "Einträge zählen",
                    "Wie viele Einträge zu den Bedingungen passen, nach Thema, Land, Ort, Quelle, "
                    "Art und Monat.",
                    narrowing,
                    "Facets",
                )
            },
            f"{ROOT}/items/{{id}}": {
                "get": _operation(
                    "item",
                    "Ein Eintrag",
                    "Alles, was das Archiv von einem Eintrag zeigen darf.",
                    [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "description": "Nummer des Eintrags; sie bleibt für immer dieselbe.",
                            "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
                        }
                    ],
                    "Item",
                    missing=True,
                )
            },
            f"{ROOT}/openapi.json": {
                "get": _operation("openapi", "Diese Beschreibung", "Dieses Dokument.", [], None)
            },
        },
        "components": {
            "schemas": _schemas(known),
            "headers": {
                "ETag": {
                    "description": "Kennung dieses Standes; mit If-None-Match kommt 304 zurück.",
                    "schema": {"type": "string"},
                }
            },
        },
    }


def _parameter(one: Parameter) -> Schema:
    described: Schema = {"name": one.name, "in": "query", "description": one.about}
    if one.many:
        described |= {
            "schema": {"type": "array", "items": dict(one.schema), "maxItems": 30},
            "style": "form",
            "explode": True,
        }
    else:
        described["schema"] = dict(one.schema)
    return described


def _operation(
    name: str,
    summary: str,
    description: str,
    parameters: Iterable[Schema],
    schema: str | None,
    *,
    missing: bool = False,
) -> Schema:
    told = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    responses: Schema = {
        "200": {
            "description": "Die Antwort.",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
            "content": {"application/json": {"schema": told}},
        },
        "304": {"description": "Seit dem Stand in If-None-Match hat sich nichts geändert."},
        "429": _problem("Zu viele Abfragen von dieser Adresse; Retry-After nennt die Sekunden."),
    }
    parameters = list(parameters)
    if any(parameter["in"] == "query" for parameter in parameters):
        responses["400"] = _problem("Ein Parameter ist falsch; errors nennt jeden.")
    if missing:
        responses["404"] = _problem("Diesen Eintrag gibt es nicht, oder nicht mehr.")
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "parameters": parameters,
        "responses": dict(sorted(responses.items())),
    }


def _problem(description: str) -> Schema:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM: {"schema": schema}}}


def _schemas(known: Mapping[str, Sequence[str]]) -> Schema:
    moment = {"type": "string", "format": "date-time"}
    text = {"type": "string"}
    number = {"type": "integer"}
    source = _object({"id": text, "name": text})
    label = _object(
        {
            "id": {**text, "description": "Kürzel des Themas, Code des Landes"},
            "label": text,
            "score": {"type": "number", "description": "Wahrscheinlichkeit, 0 bis 1"},
            "edited": {"type": "boolean", "description": "Von einem Menschen vergeben"},
        }
    )
    entry = {
        "id": number,
        "url": {**_or_null(text), "description": "Adresse des Originals"},
        "page": {**text, "format": "uri", "description": "Adresse des Eintrags im Archiv"},
        "source": source,
        "kind": {**text, "enum": list(KINDS)},
        "kicker": _or_null(text),
        "title": text,
        "teaser": _or_null(text),
        "published": {
            **_or_null(text),
            "description": "Der Tag, oder die Berliner Zeit; null: nicht bekannt",
        },
        "day_only": {"type": "boolean", "description": "Nur der Tag ist bekannt"},
        "first_seen": moment,
        "changed_at": {**moment, "description": "Seit wann der Text so ist"},
        "withdrawn_at": {**_or_null(moment), "description": "Wann das Original verschwand"},
        "duration_s": {**_or_null(number), "description": "Länge eines Videos in Sekunden"},
        "topics": _list(label),
        "states": _list(label),
    }
    found = {
        **entry,
        "also_at": {**_list(text), "description": "Quellen, die fast denselben Text brachten"},
        "marked": {
            **_object({"kicker": _or_null(text), "title": text, "teaser": _or_null(text)}),
            "description": "HTML, in dem die gefundenen Wörter in mark stehen; sonst keine Marken",
        },
    }
    place = _object(
        {
            "ags": text,
            "name": text,
            "state": {**text, "enum": list(STATES)},
            "lat": _or_null({"type": "number"}),
            "lon": _or_null({"type": "number"}),
        }
    )
    change = _object({"field": text, "before": _or_null(text), "after": _or_null(text)})
    version = _object({"number": number, "seen_at": moment, "changes": _list(change)})
    item = {
        **entry,
        **dict.fromkeys(("body", "section", "author", "date_source", "language"), _or_null(text)),
        "views": _or_null(number),
        "publisher": text,
        "licence": {**text, "enum": list(known["licences"])},
        "display": {**text, "description": "Was gezeigt wird: link, headline, teaser, full"},
        "review": {"type": "boolean", "description": "Die Einordnung ist unsicher"},
        "evidence": {
            "type": "object",
            "additionalProperties": _list(text),
            "description": "Zu jedem Thema und Land die Wörter, die den Ausschlag gaben",
        },
        "places": _list(place),
        "cluster": {
            **_list(_object({"id": number, "source": source})),
            "description": "Andere Einträge mit fast demselben Text",
        },
        "versions": {**_list(version), "description": "Korrekturen, die jüngste zuerst"},
        "links": _list(_object({"url": text, "title": text})),
    }
    counted = _list(_object({"id": text, "label": text, "count": number}))
    months = _list(_object({"month": {**text, "pattern": "^[0-9]{4}-[0-9]{2}$"}, "count": number}))
    note = {**_or_null(text), "description": "Ein Satz, wenn zur Suche etwas zu sagen ist"}
    problem = {
        "type": text,
        "title": text,
        "status": number,
        "detail": text,
        "errors": _list(_object({"parameter": text, "detail": text})),
    }
    return {
        "Results": _object(
            {
                "total": number,
                "page": number,
                "pages": number,
                "next": {**_or_null(text), "description": "Adresse der nächsten Seite"},
                "note": note,
                "meant": {**_or_null(text), "description": "Die Suche mit berichtigten Wörtern"},
                "items": _list(_object(found)),
            }
        ),
        "Facets": _object(
            {
                "total": number,
                "note": note,
                **dict.fromkeys(("topics", "states", "places", "sources", "kinds"), counted),
                "months": {**months, "description": "Der Zeit nach, ohne Lücken"},
            }
        ),
        "Item": _object(item),
        "Problem": {**_object(problem), "required": ["type", "title", "status"]},
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}
