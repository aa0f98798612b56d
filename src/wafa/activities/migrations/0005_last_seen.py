from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0004_celebrated_day"),
    ]

    operations = [
        migrations.RenameField(model_name="order", old_name="changed_at", new_name="last_seen_at"),
    ]
