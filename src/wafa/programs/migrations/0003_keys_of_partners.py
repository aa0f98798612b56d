from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0002_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="partner",
            field=models.TextField(db_default=""),
        ),
    ]
