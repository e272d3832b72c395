import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wallet", "0011_rounds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listing", models.CharField(max_length=80, verbose_name="list")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=2000, verbose_name="filters")),
                ("shared", models.BooleanField(default=False, verbose_name="shared")),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_filters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="staff member",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved filter",
                "verbose_name_plural": "saved filters",
                "indexes": [
                    models.Index(
                        condition=models.Q(("shared", True)),
                        fields=["listing", "name"],
                        name="saved_filter_shared",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "listing", "name"), name="saved_filter_name_once"
                    )
                ],
            },
        ),
    ]
