from django.db import migrations

from wallet.sql import install


class Migration(migrations.Migration):
    dependencies = [("wallet", "0009_notes")]

    operations = [install("agent_tree")]
