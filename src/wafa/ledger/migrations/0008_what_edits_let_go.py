from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_closings_of_partners")]

    operations = [
        migrations.AddField(model_name="lot", name="let_go", field=models.BigIntegerField(db_default=0)),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(("let_go__gte", 0), ("let_go__lte", models.F("corrected"))), name="ledger_lot_let_go"
            ),
        ),
    ]
