from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_when_units_were_let_go")]

    operations = [
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(
                fields=["program_id", "member_id"], condition=models.Q(debt__gt=0), name="ledger_balance_owing"
            ),
        ),
    ]
