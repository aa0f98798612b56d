from django.db import migrations, models

# Nobody kept it of the orders that are there: they count as decided when they were first seen, as they did until now.
_WHEN_FIRST_SEEN = """
UPDATE activities_order SET decided_at = first_seen_at
WHERE member_id IS NOT NULL AND (paid_at IS NOT NULL OR snapshot @> '{"remembered": {"paid": true}}')"""


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0005_last_seen"),
    ]

    operations = [
        migrations.AddField(model_name="order", name="decided_at", field=models.DateTimeField(null=True)),
        # The rows of all programs: the policy that keeps them apart binds the owner of the table too.
        migrations.RunSQL("ALTER TABLE activities_order NO FORCE ROW LEVEL SECURITY", migrations.RunSQL.noop),
        migrations.RunSQL(_WHEN_FIRST_SEEN, migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE activities_order FORCE ROW LEVEL SECURITY", migrations.RunSQL.noop),
    ]
