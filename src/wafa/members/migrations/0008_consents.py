from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart


class Migration(migrations.Migration):
    dependencies = [("members", "0007_erasures")]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("member_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("given", models.BooleanField()),
                ("version", models.IntegerField(null=True)),
                ("source", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "member_id"], name="members_consent_of_member")],
            },
        ),
        keep_programs_apart("members_consent"),
        migrations.RemoveConstraint(model_name="identity", name="members_identity_kind"),
        migrations.AlterField(
            model_name="identity",
            name="kind",
            field=models.TextField(
                choices=[
                    ("store_customer", "Store Customer"),
                    ("email", "Email"),
                    ("phone", "Phone"),
                    ("card", "Card"),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["store_customer", "email", "phone", "card"])),
                name="members_identity_kind",
            ),
        ),
    ]
