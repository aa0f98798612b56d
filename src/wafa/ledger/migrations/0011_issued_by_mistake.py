from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_who_owes")]

    operations = [migrations.RemoveConstraint(model_name="balance", name="ledger_balance_issued")]
