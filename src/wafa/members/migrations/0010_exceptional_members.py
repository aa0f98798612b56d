from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0009_answers")]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("state", "member"), _negated=True) | models.Q(("suspended_at__isnull", False)),
                fields=["program_id", "id"],
                name="members_member_exceptional",
            ),
        ),
    ]
