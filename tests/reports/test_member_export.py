"""All data of a member: everything of theirs is in it, and nothing of anybody else's."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps

from tests.world import World, order
from wafa.core.snapshots import CustomerRef, CustomerSnapshot
from wafa.flows.merge_members import merge_members
from wafa.kit.transactions import program_transaction
from wafa.reports.member_export import FORMAT, export_member, write_export

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def test_everything_is_in_it_and_nobody_else() -> None:
    world = World()
    named = CustomerRef(external_id="c1", email="c1@example.com", name="Huda Noor")
    world.take(CustomerSnapshot(customer=named, created_at=NOON, as_of=NOON), order("O1", 10_000), at=NOON)
    world.take(order("P1", 2_000, customer="c2"), order("S1", 5_000, customer="s1"), at=NOON)
    mine, other = world.member("c1"), world.member("c2")
    with program_transaction(world.program_id):
        merge_members(world.program_id, survivor_id=mine, absorbed_id=other, reason="same", by="huda", at=NOON)
        document = json.loads(write_export(export_member(world.program_id, mine)))

    assert document["format"] == FORMAT
    assert (document["member"]["name"], document["member"]["id"]) == ("Huda Noor", str(mine))
    assert [one["id"] for one in document["merged_members"]] == [str(other)]
    assert {row["value"] for row in document["identities"]} == {
        "main:c1",
        "c1@example.com",
        "main:c2",
        "c2@example.com",
    }
    assert {row["external_id"] for row in document["orders"]} == {"O1", "P1"}
    assert document["balances"]["points"]["available"] == 120
    assert [lot["granted"] for lot in document["lots"]] == [100, 20]
    kinds = {told["member_id"]: [line["kind"] for line in told["lines"]] for told in document["statements"]}
    assert kinds == {str(mine): ["merge_in", "accrual"], str(other): ["merge_out", "accrual"]}
    text = json.dumps(document)
    assert "s1@example.com" not in text
    assert "huda@" not in text


def test_every_table_with_members_is_in_the_export() -> None:
    from wafa.reports import member_export

    # The books are told as balances, lots and statements; words and likenesses only repeat, or are about two.
    elsewhere = {"ledger_balance", "ledger_lot", "ledger_journal", "ledger_posting", "members_word", "members_likeness"}
    elsewhere |= {"members_erasure"}
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if any(field.column == "member_id" for field in model._meta.concrete_fields)
    }
    assert tables - elsewhere == {model._meta.db_table for model in member_export._ROWS.values()}
