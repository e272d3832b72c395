from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("wallet", "0017_forced_provider_out")]

    operations = [
        migrations.RunSQL(
            "SELECT audit_table('wallet_savedfilter')",
            "DROP TRIGGER audit ON wallet_savedfilter",
        ),
    ]
