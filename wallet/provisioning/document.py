"""A JSON document, read strictly: every problem is kept with its place, none is raised at once.

What a value may be is the business of the model's field that will hold it; only the JSON type is
checked here, so that "7" never passes for 7 or a JSON number for an amount of money.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models


class Unset:
    """The type of UNSET: a member that the document leaves out."""

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset()

_JSON_TYPES: Final[tuple[tuple[type[models.Field[Any, Any]], type, str], ...]] = (
    (models.BooleanField, bool, "true or false"),
    (models.IntegerField, int, "a whole number"),
    (models.JSONField, dict, "an object"),
    (models.Field, str, "text"),
)


class Unreadable(Exception):
    """The file cannot be read, or is no JSON."""


class Members(dict[str, object]):
    """A JSON object that remembers which of its members were written twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = sorted({name for name in names if names.count(name) > 1})


@dataclass
class Problems:
    """What is wrong with the document, in the order of finding."""

    found: list[str] = field(default_factory=list)

    def add(self, place: str, text: object) -> None:
        """Keep one; ``place`` is like ``channels[0].name``."""
        self.found.append(f"{place}: {text}")


def read_document(path: Path, problems: Problems) -> Item:
    """The whole file as one object. Raises Unreadable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=Members,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is not valid JSON: {error}") from error
    return Item(value, "", problems)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


class Item:
    """One object of the document, read member by member and then closed."""

    def __init__(self, value: object, place: str, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        self._asked: set[str] = set()
        self._members: dict[str, object] = {}
        if not isinstance(value, Members):
            self.problem("must be an object")
            return
        self._members = value
        for name in value.repeated:
            self.problem("is given twice", at=name)

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def at(self, member: str) -> str:
        """The place of a member."""
        return f"{self.place}.{member}" if self.place else member

    def problem(self, text: object, *, at: str = "") -> None:
        """Keep a problem of the member ``at``, or of the object itself."""
        self.problems.add(self.at(at) if at else self.place or "the file", text)

    def get(self, member: str, *, required: bool = False) -> object:
        """The member as it was written, or UNSET."""
        self._asked.add(member)
        if required and member not in self._members and self._members:
            self.problem("is required", at=member)
        return self._members.get(member, UNSET)

    def value(
        self, member: str, model: type[models.Model], name: str = "", *, required: bool = False
    ) -> Any:
        """The member as the model's field accepts it; UNSET when left out or wrong."""
        value = self.get(member, required=required)
        if isinstance(value, Unset):
            return value
        model_field = model._meta.get_field(name or member)
        assert isinstance(model_field, models.Field)  # noqa: S101  relations are not read this way
        return clean(model_field, value, self.at(member), self.problems)

    def values(self, model: type[models.Model], names: Mapping[str, str]) -> dict[str, Any]:
        """Those of the members that are given and right, by the name of the model's field."""
        read = {name: self.value(member, model, name) for member, name in names.items()}
        return {name: value for name, value in read.items() if value is not UNSET}

    def elements(self, member: str) -> list[tuple[str, object]]:
        """The elements of a list with their places; none when it is left out."""
        value = self.get(member)
        if isinstance(value, Unset):
            return []
        if not isinstance(value, list):
            self.problem("must be a list", at=member)
            return []
        return [(f"{self.at(member)}[{index}]", element) for index, element in enumerate(value)]

    def items(self, member: str) -> list[Item]:
        """The objects of a list."""
        return [Item(value, place, self.problems) for place, value in self.elements(member)]

    def close(self) -> None:
        """Report the members that nobody asked for."""
        for member in self._members:
            if member not in self._asked:
                self.problem("is not a known member", at=member)


def clean(
    model_field: models.Field[Any, Any], value: object, place: str, problems: Problems
) -> Any:
    """The value as the field accepts it; UNSET, and a problem kept, when it does not."""
    if value is None and model_field.null:
        return None
    if isinstance(model_field, ArrayField):
        if not isinstance(value, list):
            problems.add(place, "must be a list")
            return UNSET
        read = [
            clean(model_field.base_field, element, f"{place}[{index}]", problems)
            for index, element in enumerate(value)
        ]
        return UNSET if UNSET in read else read
    wanted, description = next(
        (kind, text) for base, kind, text in _JSON_TYPES if isinstance(model_field, base)
    )
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        problems.add(place, f"must be {description}")
        return UNSET
    try:
        return model_field.clean(value, None)
    except ValidationError as error:
        problems.add(place, " ".join(error.messages))
        return UNSET
