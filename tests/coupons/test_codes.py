"""Codes of campaigns: as many as anybody prints, none there twice, and found without looking at the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.market import NOW, UNIQUE, Market, campaign, used
from wafa.core.spec import UniqueCodes
from wafa.coupons.codes import add_codes, find_code_ids, generate_codes
from wafa.coupons.queries import count_campaigns, list_code_rows
from wafa.kit.codes import ALPHABET, hash_of
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements about codes that are made meanwhile."""
    made: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield made
    made += [query["sql"] for query in captured.captured_queries if "coupons_" in query["sql"]]


@pytest.mark.slow
def test_mistake_19_minutes_with_40_000_cards() -> None:
    """Forty thousand codes are made in four statements that read none; one is found, and used, as it is among ten."""
    market = Market(campaign(codes=UNIQUE))
    few = market.codes(count=10)
    used(market.use_coupons(few[9], on="B0"))  # the first of a campaign opens its counters
    with statements() as using_one_of_few:
        used(market.use_coupons(few[0], on="B1"))

    with program_transaction(market.program_id), statements() as making:
        assert generate_codes(market.program_id, "eid", UniqueCodes.model_validate(UNIQUE), 40_000, at=NOW) == 40_000
    assert [made.split()[0] for made in making] == ["INSERT"] * 4
    with program_transaction(market.program_id):
        assert count_campaigns(market.program_id)["eid"].codes == 40_010

    with statements() as using_one_of_many:
        used(market.use_coupons(few[1], on="B2"))
    assert len(using_one_of_many) == len(using_one_of_few)
    # By the index, so that the number of the others does not matter.
    with program_transaction(market.program_id), connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT id FROM coupons_code WHERE program_id = %s AND code_hash = ANY(%s)",
            [market.program_id, [hash_of(few[2])]],
        )
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "coupons_code_once" in plan


def test_codes_look_as_the_campaign_says() -> None:
    market = Market(campaign(codes=UNIQUE))
    look = UniqueCodes(kind="unique", prefix="YALDA", length=10, alphabet="ABCDEFGHJK")
    with program_transaction(market.program_id):
        generate_codes(market.program_id, "eid", look, 50, at=NOW)
        codes = [row.code for row in list_code_rows(market.program_id, "eid", after=UUID(int=0), limit=50)]
    assert {code.split("-")[0] for code in codes} == {"YALDA"}
    assert [len(part) for part in codes[0].split("-")] == [5, 4, 4, 2]
    assert set("".join(codes).replace("YALDA", "").replace("-", "")) <= set("ABCDEFGHJK")
    assert set("0OQ1IL2Z5S8BUV").isdisjoint(ALPHABET)


@pytest.mark.slow
def test_all_codes_that_there_can_be_are_made_though_they_are_drawn_twice() -> None:
    """Of two characters there are 484 codes: most draws find theirs there already."""
    market = Market(campaign(codes=UNIQUE))
    short = UniqueCodes.model_construct(prefix="", length=2, alphabet=None)
    with program_transaction(market.program_id):
        assert generate_codes(market.program_id, "eid", short, 450, at=NOW) == 450
        assert generate_codes(market.program_id, "eid", short, 450, at=NOW) == 34


def test_a_code_is_found_however_it_is_typed() -> None:
    market = Market(campaign(codes=UNIQUE))
    typed = ["eid 3467 acde", "EID-٣٤٦٧-ACDE", "EID۳۴۶۷ACDE", "EID-3467-ACDF"]
    with program_transaction(market.program_id):
        add_codes(market.program_id, "eid", ["EID-3467-ACDE"], at=NOW)
        found = find_code_ids(market.program_id, typed)
    assert set(found) == set(typed[:3])
    assert len(set(found.values())) == 1
