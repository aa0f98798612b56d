from django.db import migrations

from wafa.kit.fields import JSONText


class Migration(migrations.Migration):
    dependencies = [
        ("relay", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(model_name="deliverybody", name="headers", field=JSONText()),
    ]
