from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_dry_runs_and_undoing_by_workers")]

    operations = [
        migrations.AddField("import", "survey", models.JSONField(null=True)),
        migrations.AddField("import", "survey_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("import", "key", models.TextField(blank=True, db_default="")),
        migrations.AddConstraint(
            "import",
            models.UniqueConstraint(fields=["program_id", "key"], condition=~Q(key=""), name="imports_import_key_once"),
        ),
    ]
