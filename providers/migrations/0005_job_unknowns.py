from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0004_bulk_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="provisioningjob",
            name="unknowns",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
