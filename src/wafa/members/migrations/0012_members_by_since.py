"""Members in the order of what lists show: since when they are members, or known."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0011_suspensions_of_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="since",
            field=models.GeneratedField(
                expression=Coalesce("joined_at", "created_at"), output_field=models.DateTimeField(), db_persist=True
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["program_id", "since", "id"], name="members_member_since"),
        ),
    ]
