"""Book what a provider already has, even where a clawback left too little of it here.

The guard's exceptions and the rules say the same. ledger_guards.sql lists the kind by now: the
function is changed where it was installed before.
"""

from typing import Any

from django.db import migrations

WITHOUT = "('clawback', 'correction', 'reversal')"
WITH = "('clawback', 'correction', 'provider_out', 'reversal')"


def may_go_below_zero(apps: Any, schema_editor: Any) -> None:
    _set(apps, schema_editor, forced=True, old=WITHOUT, new=WITH)


def may_not_go_below_zero(apps: Any, schema_editor: Any) -> None:
    _set(apps, schema_editor, forced=False, old=WITH, new=WITHOUT)


def _set(apps: Any, schema_editor: Any, *, forced: bool, old: str, new: str) -> None:
    rules = apps.get_model("wallet", "EntryRule").objects.using(schema_editor.connection.alias)
    rules.filter(kind="provider_out").update(forced=forced)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('ledger_apply_entry()'::regprocedure)")
        (definition,) = cursor.fetchone()
        cursor.execute(definition.replace(old, new))


class Migration(migrations.Migration):
    dependencies = [("wallet", "0016_history")]

    operations = [migrations.RunPython(may_go_below_zero, may_not_go_below_zero)]
