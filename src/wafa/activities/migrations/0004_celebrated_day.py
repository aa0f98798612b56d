from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_activity")]

    operations = [
        migrations.CreateModel(
            name="CelebratedDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("day", models.DateField()),
                ("celebrated_at", models.DateTimeField()),
            ],
        ),
        keep_programs_apart("activities_celebratedday"),
    ]
