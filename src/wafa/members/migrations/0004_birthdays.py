from django.db import migrations, models

from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0003_tiers")]

    operations = [
        migrations.CreateModel(
            name="Birthday",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("calendar", models.TextField()),
                ("year", models.IntegerField(null=True)),
                ("month", models.SmallIntegerField()),
                ("day", models.SmallIntegerField()),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program_id", "calendar", "month", "day"], name="members_birthday_by_day")
                ],
            },
        ),
        keep_programs_apart("members_birthday"),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["program_id", "joined_at"], name="members_member_by_joining"),
        ),
    ]
