from django.db import migrations, models
from django.db.models import F, Q

_ACCOUNTS = list(range(1, 11))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_what_partners_owe")]

    operations = [
        migrations.RemoveConstraint(model_name="balance", name="ledger_balance_whole"),
        migrations.RemoveConstraint(model_name="posting", name="ledger_posting_accounts"),
        migrations.AddField(model_name="balance", name="transferred", field=models.BigIntegerField(db_default=0)),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=Q(
                    issued=F("redeemed")
                    + F("claimable")
                    + F("pending")
                    + F("available")
                    + F("held")
                    + F("breakage")
                    + F("clawed_back")
                    + F("transferred")
                    - F("debt")
                ),
                name="ledger_balance_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=Q(from_account__in=_ACCOUNTS, to_account__in=_ACCOUNTS) & ~Q(from_account=F("to_account")),
                name="ledger_posting_accounts",
            ),
        ),
    ]
