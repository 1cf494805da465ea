"""A master batch record as JSON, both ways: what is exported, imported, stored and hashed. Pure.

What equals its default is left out, so the same record always gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from batches.recipe_content import Content
from ledger.event import Refused
from ledger.event import marked as _

FORMAT = "lotbook.master-batch-record.1"
LARGEST = 1_000_000_000  # of whole numbers: steps, decimals, repeats
LONGEST = 60  # digits of a limit, before or after the point


def to_json(content: Content) -> dict[str, Any]:
    """The record as objects, lists and text; decimals become text as they were written."""
    made: dict[str, Any] = plain(content)
    return made


def from_json(data: Any) -> Content:
    """The record that JSON tells; a refusal says where it does not fit the schema."""
    try:
        content = msgspec.convert(data, Content)
        _demand_measured(content)
        return content
    except (msgspec.ValidationError, ValueError) as wrong:
        raise Refused(
            _("This is not a master batch record: {wrong}"),
            wrong=str(wrong).replace("{", "(").replace("}", ")")[:300],
            code="not_a_recipe",
        ) from wrong


def _demand_measured(value: Any) -> None:
    """Every number is one that somebody can measure or count. Raises ValueError."""
    if is_dataclass(value):
        for one in fields(value):
            _demand_measured(getattr(value, one.name))
    elif isinstance(value, list | tuple):
        for part in value:
            _demand_measured(part)
    elif isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > LONGEST:
            raise ValueError(f"{value:.3} is no number that a limit can have")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"no number goes beyond {LARGEST}")


# The pictures that the record names lie beside its content in the exported file.
_FILES = {
    "type": "object",
    "description": "The bytes of each line of `pictures`, in base64, under its blob.",
    "propertyNames": {"pattern": "^sha256:[0-9a-f]{64}$"},
    "additionalProperties": {"type": "string", "contentEncoding": "base64"},
    "default": {},
}


def schema() -> dict[str, Any]:
    """The JSON Schema that an exported record fits."""
    made = msgspec.json.schema(Content)
    made["$defs"]["Content"]["properties"]["files"] = _FILES
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": FORMAT, **made}


def content_sha256(content: Content) -> str:
    """The hash that a batch and every approval name: it binds them to every word and limit."""
    return sha256(canonical(to_json(content))).hexdigest()


def canonical(data: Any) -> bytes:
    """One record, one text: sorted keys, no spaces, UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def plain(value: Any) -> Any:
    """Any part of a record as objects, lists and text, without what equals its default."""
    if is_dataclass(value):
        kept = {f.name: getattr(value, f.name) for f in fields(value)}
        return {
            f.name: plain(kept[f.name]) for f in fields(value) if not _is_default(f, kept[f.name])
        }
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default and type(value) is type(field.default))
    return field.default_factory is not MISSING and value == field.default_factory()
