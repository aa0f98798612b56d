from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0006_merges")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("by", models.TextField()),
            ],
        ),
        keep_programs_apart("members_erasure"),
    ]
