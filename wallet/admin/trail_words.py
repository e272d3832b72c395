"""The audit trail in the reader's words: what tables and columns are called, what values mean."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, DateTimeField, ForeignKey, Model
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet.admin.display import link
from wallet.models import AuditEvent

EMPTY = "—"
NOTHING: tuple[Any, ...] = (None, "", [], {})
SHORT, FEW = 80, 6
# Tables of many-to-many fields, which Django names in English only.
_BETWEEN: dict[str, Promise] = {
    "auth_user_groups": _("roles of staff"),
    "auth_user_user_permissions": _("permissions of staff"),
    "auth_group_permissions": _("permissions of roles"),
}


@cache
def audited_tables() -> tuple[str, ...]:
    """The tables that the database watches; migrations decide which."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit' ORDER BY 1"
        )
        return tuple(table for (table,) in cursor.fetchall())


@cache
def model_of(table: str) -> type[Model] | None:
    models = apps.get_models(include_auto_created=True)
    return next((model for model in models if model._meta.db_table == table), None)


def table_name(table: str) -> str:
    """What the rows of a table are called."""
    model = model_of(table)
    if table in _BETWEEN or model is None:
        return str(_BETWEEN.get(table, table))
    return str(model._meta.verbose_name_plural)


@dataclass(slots=True)
class Reader:
    """Remembers the names that it has looked up, for one page."""

    _names: dict[tuple[type[Model], Any], str] = field(default_factory=dict)

    def what(self, event: AuditEvent) -> SafeString | str:
        """The row that changed, linked to its page where it has one."""
        model = model_of(event.relation)
        if model is None or event.relation in _BETWEEN:
            return f"{table_name(event.relation)} {event.object_id}"
        text = f"{model._meta.verbose_name} {event.object_id}"
        return text if event.action == AuditEvent.Action.DELETE else link(_row(model, event), text)

    def brief(self, event: AuditEvent) -> SafeString:
        """The first changes in a line each; of a new or deleted row what it held."""
        columns = [name for name in _columns(event) if _is_news(event, name)]
        lines = format_html_join(
            "",
            '<div class="change"><b>{}</b> {}</div>',
            (
                (_label(event, column), " → ".join(_cut(text) for text in texts if text))
                for column in columns[:FEW]
                for texts in [self._sides(event, column)]
            ),
        )
        more = len(columns) - FEW
        if more <= 0:
            return lines
        return lines + format_html("<div>{}</div>", gettext("and %(count)s more") % {"count": more})

    def table(self, event: AuditEvent) -> SafeString:
        """Every column that changed, before beside after."""
        cells = format_html_join(
            "",
            "<tr><th scope=row>{}</th><td class=message>{}</td><td class=message>{}</td></tr>",
            (
                (_label(event, column), *(text or EMPTY for text in self._sides(event, column)))
                for column in _columns(event)
            ),
        )
        return format_html(
            '<div class="panel-scroll" tabindex="0" role="region" aria-label="{}">'
            '<table class="panel-table changes"><thead><tr><th scope="col">{}</th>'
            '<th scope="col">{}</th><th scope="col">{}</th></tr></thead>'
            "<tbody>{}</tbody></table></div>",
            capfirst(gettext("change")),
            capfirst(gettext("column")),
            capfirst(gettext("before")),
            capfirst(gettext("after")),
            cells,
        )

    def _sides(self, event: AuditEvent, column: str) -> tuple[str, str]:
        """Before and after in words; "" where there was no row."""
        known = _fields(event.relation).get(column)
        before, after = (
            "" if side is None else self._text(known, side.get(column))
            for side in (event.before, event.after)
        )
        return before, after

    def _text(self, column: Any, value: Any) -> str:
        if value in NOTHING:
            return EMPTY
        if isinstance(column, BooleanField) or isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if getattr(column, "choices", None):
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(column, DateTimeField) and (at := parse_datetime(str(value))):
            return format_date(timezone.localtime(at), "Y-m-d H:i:s")
        if isinstance(column, ForeignKey):
            return self._name(column.remote_field.model, value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ", ".join(value)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def _name(self, model: type[Model], pk: Any) -> str:
        """What a foreign key leads to, as staff know it, with the key where the name lacks it."""
        if (model, pk) not in self._names:
            row = model._base_manager.filter(pk=pk).first()  # noqa: SLF001  Django documents it
            text = str(row) if row is not None else ""
            self._names[model, pk] = f"{text} ({pk})" if text and str(pk) not in text else str(pk)
        return self._names[model, pk]


def _row(model: type[Model], event: AuditEvent) -> Model:
    """A row as far as a link needs it."""
    return model(pk=event.object_id)


@cache
def _fields(table: str) -> dict[str, Any]:
    model = model_of(table)
    if model is None:
        return {}
    return {str(field.column): field for field in model._meta.concrete_fields}


def _columns(event: AuditEvent) -> list[str]:
    return sorted((event.before or {}).keys() | (event.after or {}).keys())


def _is_news(event: AuditEvent, column: str) -> bool:
    """The row's own key stands beside it already."""
    field = _fields(event.relation).get(column)
    if field is not None and field.primary_key:
        return False
    return any(side and side.get(column) not in NOTHING for side in (event.before, event.after))


def _label(event: AuditEvent, column: str) -> str:
    field = _fields(event.relation).get(column)
    name = column if field is None else str(field.verbose_name)
    return name if name[1:2].isupper() else str(capfirst(name))  # eBET keeps its spelling


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"
