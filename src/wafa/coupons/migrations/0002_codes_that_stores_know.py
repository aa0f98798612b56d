from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="code",
            name="written",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
    ]
