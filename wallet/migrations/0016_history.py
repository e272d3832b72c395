"""Let sign-ins and logins be forgotten once they are old."""

from django.db import migrations

from wallet.sql import install


class Migration(migrations.Migration):
    dependencies = [("wallet", "0015_list_indexes")]

    operations = [install("history")]
