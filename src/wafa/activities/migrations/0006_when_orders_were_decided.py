from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0005_last_seen"),
    ]

    operations = [
        migrations.AddField(model_name="order", name="decided_at", field=models.DateTimeField(null=True)),
    ]
