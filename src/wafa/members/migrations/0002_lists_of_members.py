from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Listed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "segment",
                        "member_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("segment", models.TextField()),
                ("member_id", models.UUIDField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "member_id"], name="members_listed_by_member")],
            },
        ),
        keep_programs_apart("members_listed"),
    ]
