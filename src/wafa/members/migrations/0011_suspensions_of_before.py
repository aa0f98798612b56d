from django.db import migrations, models

_THOSE_THAT_WERE_LIFTED = """
UPDATE members_member AS member SET suspensions = lifted.times FROM (
    SELECT program_id, member_id,
        jsonb_agg(jsonb_build_object('since', since, 'until', lifted_at) ORDER BY since, id) AS times
    FROM members_suspension WHERE lifted_at IS NOT NULL GROUP BY program_id, member_id
) AS lifted WHERE lifted.program_id = member.program_id AND lifted.member_id = member.id"""

_TABLES = ("members_member", "members_suspension")


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0010_exceptional_members"),
    ]

    operations = [
        migrations.AddField(model_name="member", name="suspensions", field=models.JSONField(null=True)),
        # The rows of all programs: the policy that keeps them apart binds the owner of the tables too.
        *(
            migrations.RunSQL(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", migrations.RunSQL.noop)
            for table in _TABLES
        ),
        migrations.RunSQL(_THOSE_THAT_WERE_LIFTED, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", migrations.RunSQL.noop)
            for table in _TABLES
        ),
        migrations.RemoveIndex(model_name="member", name="members_member_exceptional"),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                fields=["program_id", "id"],
                condition=~models.Q(state="member")
                | models.Q(suspended_at__isnull=False)
                | models.Q(suspensions__isnull=False),
                name="members_member_exceptional",
            ),
        ),
    ]
