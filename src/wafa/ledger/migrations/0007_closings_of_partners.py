from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_who_recorded_a_payment"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "until",
                        "partner",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("until", models.DateTimeField()),
                ("partner", models.TextField()),
                ("currency", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
            ],
        ),
        keep_programs_apart("ledger_closing"),
    ]
