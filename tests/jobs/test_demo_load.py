"""The demo's history in the books: it adds up, its three stories end as written, and loading twice changes nothing."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from msgspec.structs import replace

from wafa.core.books import Balance
from wafa.coupons.queries import count_campaigns
from wafa.jobs.demo import DemoFailed
from wafa.jobs.demo.fill import Demo, fill
from wafa.jobs.demo.found_program import SLUG, STAFF_EMAIL
from wafa.jobs.demo.friends import FIRST_NUMBER, FRIENDS
from wafa.jobs.demo.record import find_record, save_record
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import list_balances, program_totals
from wafa.ledger.verify import Verification, verify
from wafa.members.queries import count_members, find_member_of_customer
from wafa.programs.queries import get_program_rules, list_programs_of_user, list_stores
from wafa.referrals.queries import find_bringing
from wafa.rewards.redemptions import list_of_member

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def filled(module_db: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Demo]:
    """Filled once, with its home."""
    home = tmp_path_factory.mktemp("demo")
    return home, fill(home, members=10, orders=60, seed=1)


@pytest.fixture
def demo(filled: tuple[Path, Demo], tmp_path: Path) -> Demo:
    """The demo in `tmp_path`, a home of the test's own."""
    home, demo = filled
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    return demo


def _verify(demo: Demo) -> Verification:
    with program_transaction(demo.program.id):
        return verify(demo.program.id)


def _balance_of(demo: Demo, number: int) -> Balance:
    with program_transaction(demo.program.id):
        member = find_member_of_customer(demo.program.id, store=demo.program.shop.code, external_id=str(number))
        assert member is not None
        return list_balances(demo.program.id, [member.id])[member.id]["points"]


def _issued(demo: Demo) -> int:
    with program_transaction(demo.program.id):
        return sum(total.balance.issued for total in program_totals(demo.program.id))


def test_the_books_of_a_history_add_up(demo: Demo) -> None:
    found = _verify(demo)
    assert found.differences == []
    assert found.counts["lots"] >= 55
    with program_transaction(demo.program.id):
        assert count_members(demo.program.id) == 10 + 1 + len(FRIENDS)


def test_hazel_lost_what_she_did_not_spend_in_a_year(demo: Demo) -> None:
    """A point for each whole riyal of goods without tax; a lot lasts twelve months.

    days ago  what                                         issued  back  spent  expired
         700  beans 146.96, two cups 78.26                    225
         610  dripper 73.91 (returned), filters 38.26         112    73
         480  two kilos, 10 % off: 264.52                     264
         420  a reward                                                     500
        -115  what was left of those three                                        28
         300  beans 207.83, three origins 120.87              328
         190  beans 164.35, doubled an hour later             328
          95  grinder 338.26, beans 146.96                    485
          60  a reward                                                     200
          40  beans 233.04, cancelled                         233   233
           6  beans 195.65, filters 19.13: pending 214        214
    """
    expected = Balance(pending=214, available=941, issued=2_189, redeemed=700, breakage=28, clawed_back=306)
    assert _balance_of(demo, 1) == expected


def test_noura_claimed_what_she_earned_as_a_guest(demo: Demo) -> None:
    """She joined 250 days ago.

    days ago  what                                         issued  back  spent
         290  beans 172.17, finjan set 126.09                 298
         265  beans 160.00                                    160
         220  dallah 216.52, beans 86.09                      302
         140  gift set 365.22 (returned), beans 278.26        643   364
         110  a reward                                                     500
          75  decaf, 15 % off: 128.61                         128
          21  mug 86.09, beans 120.00                         206
           4  beans 172.17, cups 156.52: pending 328          328
    """
    expected = Balance(pending=328, available=873, issued=2_065, redeemed=500, clawed_back=364)
    assert _balance_of(demo, 2) == expected


def test_arash_owes_what_he_spent_of_a_machine_that_came_back(demo: Demo) -> None:
    """The return found 369 points beside the 3,000 that were spent.

    days ago  what                                         issued  back   spent  owes
         230  beans 107.83                                    107
         150  machine 3,000.00                              3,000
         120  beans 184.35, cups 78.26                        262
         100  a reward                                                    3,000
          69  the machine came back                                3,000         2,631
          35  beans 95.65, filters 19.13: pay the debt        114                2,517
           3  beans 184.35: pending 184                       184
    """
    expected = Balance(pending=184, issued=3_667, redeemed=3_000, clawed_back=3_000, debt=2_517)
    assert _balance_of(demo, 3) == expected


def test_the_program_can_be_looked_after(demo: Demo) -> None:
    """Its stores are connected, and the owner can sign in with the password of the record."""
    owner = get_user_model().objects.get(email=STAFF_EMAIL)
    assert owner.check_password(demo.record.password)
    assert [program.slug for program in list_programs_of_user(owner.pk)] == [SLUG]
    with program_transaction(demo.program.id):
        stores = [(store.code, store.connector) for store in list_stores(demo.program.id)]
    assert stores == [("falcon-shop", "direct"), ("falcon-woo", "woocommerce"), ("oasis-books", "direct")]


def test_loading_again_changes_nothing(demo: Demo, tmp_path: Path) -> None:
    before = _verify(demo).counts
    assert find_record(tmp_path) == demo.record
    assert fill(tmp_path, members=None, orders=None, seed=None) == demo
    assert _verify(demo).counts == before


def test_days_loaded_twice_grant_and_take_nothing_twice(demo: Demo, tmp_path: Path) -> None:
    """As after a kill between the last commit and the line that says how far it came; here, for all of the days."""
    balances = [_balance_of(demo, number) for number in range(1, 4)]
    lots, issued = _verify(demo).counts["lots"], _issued(demo)
    save_record(tmp_path, replace(demo.record, loaded_until=None))
    assert fill(tmp_path, members=10, orders=60, seed=1) == demo
    found = _verify(demo)
    assert (found.counts["lots"], found.differences) == (lots, [])
    assert _issued(demo) == issued
    assert [_balance_of(demo, number) for number in range(1, 4)] == balances


def test_a_demo_of_another_size_is_refused_and_the_first_one_stays(demo: Demo, tmp_path: Path) -> None:
    before = _verify(demo).counts
    with pytest.raises(DemoFailed, match="holds a demo of 10 members, 60 orders and seed 1"):
        fill(tmp_path, members=11, orders=None, seed=None)
    assert find_record(tmp_path) == demo.record
    assert _verify(demo).counts == before


def test_a_program_of_somebody_else_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = _verify(demo).counts
    with pytest.raises(DemoFailed, match="holds a program falcon-coffee that was not made by the demo of the home"):
        fill(elsewhere, members=None, orders=None, seed=None)
    assert list(elsewhere.iterdir()) == []
    assert _verify(demo).counts == before


def test_the_advocate_brought_a_friend_for_every_state(demo: Demo) -> None:
    with program_transaction(demo.program.id):
        states = [find_bringing(demo.program.id, _member(demo, place)) for place in range(1, len(FRIENDS) + 1)]
        vouchers = list_of_member(demo.program.id, _member(demo, 0), limit=10)
    assert [found.state if found else None for found in states] == [
        "approved",
        "approved",
        "approved",
        "pending",
        "pending",
        "qualified",
        "blocked",
        "blocked",
        "reversed",
        "expired",
    ]
    assert [(one.reward, one.state) for one in vouchers] == [("bag_of_beans", "issued")]
    # The console lists them by their ids.
    by_id = sorted(filter(None, states), key=lambda found: found.id)
    assert by_id == sorted(by_id, key=lambda found: found.claimed_at)


def _member(demo: Demo, place: int) -> UUID:
    number = str(FIRST_NUMBER + 100 * place)
    member = find_member_of_customer(demo.program.id, store=demo.program.shop.code, external_id=number)
    assert member is not None
    return member.id


def test_a_coupon_season_is_running(demo: Demo, tmp_path: Path) -> None:
    with program_transaction(demo.program.id):
        counts = count_campaigns(demo.program.id)
        version = get_program_rules(demo.program.id).in_force(demo.record.ends_at)
    assert version is not None
    assert {"season", "white_friday", "eid", "printed", "sorry"} <= version.spec.coupons.by_id.keys()
    assert counts["season"].uses > 0
    assert (counts["season"].rolled_back, counts["season"].beyond) == (1, 0)
    assert (counts["printed"].codes, counts["sorry"].handed_out) == (500, 3)
    fill(tmp_path, members=10, orders=60, seed=1)
    with program_transaction(demo.program.id):
        assert count_campaigns(demo.program.id) == counts
