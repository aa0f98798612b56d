from django.db import migrations, models

import wafa.kit.ids
from wafa.kit.tables import keep_programs_apart, leave_room_for_updates


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id",
                        "referral_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("referral_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
                ("about", models.JSONField()),
                ("by", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("who_hash", models.BinaryField()),
                ("advocate_id", models.UUIDField()),
                ("source", models.TextField()),
                ("claimed_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("own_browser", models.BooleanField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["program_id", "advocate_id", "claimed_at"], name="referrals_claim_by_advocate"
                    ),
                    models.Index(fields=["program_id", "until"], name="referrals_claim_by_end"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program_id", "who_hash", "advocate_id"), name="referrals_claim_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ("link", "code", "invitation"))),
                        name="referrals_claim_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Code",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("member_id", models.UUIDField()),
                ("code", models.TextField()),
                ("code_hash", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["program_id", "member_id"], name="referrals_code_by_member")],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "code_hash"), name="referrals_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Given",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("key", models.TextField()),
                ("referral_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("side", models.TextField()),
                ("version", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("unit", models.TextField(null=True)),
                ("units", models.BigIntegerField()),
                ("reward", models.TextField(null=True)),
                ("milestone", models.IntegerField()),
                ("friends", models.IntegerField()),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("kept", models.BooleanField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program_id", "referral_id"], name="referrals_given_by_referral"),
                    models.Index(fields=["program_id", "member_id", "side"], name="referrals_given_by_member"),
                ],
                "constraints": [models.UniqueConstraint(fields=("program_id", "key"), name="referrals_given_once")],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "program_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("program_id", models.UUIDField()),
                ("id", models.UUIDField(default=wafa.kit.ids.new_id)),
                ("advocate_id", models.UUIDField()),
                ("friend_id", models.UUIDField()),
                ("source", models.TextField()),
                ("claimed_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("version", models.IntegerField()),
                ("since", models.DateTimeField()),
                ("state", models.TextField()),
                ("order_id", models.UUIDField(null=True)),
                ("has_counted", models.BooleanField()),
                ("signals", models.JSONField()),
                ("ruling", models.TextField(blank=True)),
                ("counted_at", models.DateTimeField(null=True)),
                ("own_browser", models.BooleanField()),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["program_id", "advocate_id", "claimed_at"], name="referrals_referral_by_advocate"
                    ),
                    models.Index(fields=["program_id", "state", "id"], name="referrals_referral_by_state"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["program_id", "due_at"],
                        name="referrals_referral_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("program_id", "friend_id"), name="referrals_referral_friend_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("pending", "qualified", "approved", "blocked", "reversed", "expired"))
                        ),
                        name="referrals_referral_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ("link", "code", "invitation"))),
                        name="referrals_referral_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ruling__in", ["", "approve", "block"])), name="referrals_referral_ruling"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("advocate_id", models.F("friend_id")), _negated=True),
                        name="referrals_referral_of_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counted_at", None), ("state", "approved"), _connector="OR"),
                        name="referrals_referral_counted_state",
                    ),
                ],
            },
        ),
        keep_programs_apart("referrals_code"),
        keep_programs_apart("referrals_claim"),
        keep_programs_apart("referrals_referral"),
        keep_programs_apart("referrals_step"),
        keep_programs_apart("referrals_given"),
        leave_room_for_updates("referrals_referral", fillfactor=85),
    ]
