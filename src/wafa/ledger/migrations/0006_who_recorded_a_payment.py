from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_units_between_members")]

    operations = [
        migrations.AddField("obligation", "by", models.TextField(blank=True, db_default="")),
        migrations.AddField("obligation", "note", models.TextField(blank=True, db_default="")),
    ]
