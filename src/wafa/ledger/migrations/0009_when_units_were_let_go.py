from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_what_edits_let_go")]

    operations = [migrations.AddField(model_name="lot", name="let_go_at", field=models.DateTimeField(null=True))]
