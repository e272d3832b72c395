from typing import Any

from django.db import migrations

from wallet.sql import install

# kind, sign, may go below zero, only for active players, house account
RULES = [
    ("opening", 1, False, False, "opening"),
    ("bet", -1, False, True, "clearing"),
    ("payout", 1, False, False, "clearing"),
    ("tip", -1, False, True, "tips"),
    ("fee", -1, False, True, "clearing"),
    ("fee_refund", 1, False, False, "clearing"),
    ("prize", 1, False, False, "bonus"),
    ("clawback", -1, True, False, "bonus"),
    ("bonus", 1, False, False, "bonus"),
    ("correction", 0, True, False, "clearing"),
    ("hold", -1, False, True, "withheld"),
    ("release", 1, False, False, "withheld"),
    ("refund", 1, False, False, "clearing"),
    ("deposit", 1, False, False, "cash"),
    ("withdrawal", -1, False, False, "cash"),
    ("adjustment", 0, False, False, "adjustments"),
    ("transfer_out", -1, False, False, "transit"),
    ("transfer_in", 1, False, False, "transit"),
    ("provider_out", -1, False, False, "providers"),
    ("provider_in", 1, False, False, "providers"),
    ("reversal", 0, True, False, "adjustments"),
]
WALLET_TYPES = [(0, "Main", True)] + [(n, f"Wallet {n}", True) for n in range(1, 7)]


def fill(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    EntryRule = apps.get_model("wallet", "EntryRule")
    EntryRule.objects.using(database).bulk_create(
        EntryRule(kind=kind, sign=sign, forced=forced, needs_active=needs_active, contra=contra)
        for kind, sign, forced, needs_active, contra in RULES
    )
    WalletType = apps.get_model("wallet", "WalletType")
    WalletType.objects.using(database).bulk_create(
        WalletType(type_id=number, name=name, active=active)
        for number, name, active in WALLET_TYPES
    )


class Migration(migrations.Migration):
    dependencies = [
        ("wallet", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        install("ledger_guards"),
        install("ledger_post"),
        install("ledger_reverse"),
        install("ledger_groups"),
        install("ledger_seal"),
        install("audit"),
        migrations.RunSQL(
            "CREATE SEQUENCE wallet_player_user_id START 100001",
            "DROP SEQUENCE wallet_player_user_id",
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
