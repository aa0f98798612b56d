from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="member_facts",
            field=models.JSONField(null=True),
        ),
    ]
