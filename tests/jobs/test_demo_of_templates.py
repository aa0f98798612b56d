"""What a template asks for is in the demo's history: activities, birthdays, parcels, and shelves by its names."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from wafa.core.activities import ActivityNotice
from wafa.core.backtest import since_ever
from wafa.core.check import check_answers, check_told
from wafa.core.compare import ORDER_PAID
from wafa.core.snapshots import CustomerSnapshot, OrderSnapshot
from wafa.core.spec import Accelerator, EarningRule, ProgramSpec
from wafa.jobs.demo.doings import add_doings
from wafa.jobs.demo.history import History, make_history
from wafa.jobs.demo.parcels import deliver_parcels
from wafa.jobs.demo.shelves import rename_shelves
from wafa.jobs.demo.stories import STORIES
from wafa.programs.templates import fill_template, list_templates

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(seed=1, now=NOW, members=200, orders=1_500)


def spec_of(template: str) -> ProgramSpec:
    return fill_template(template, currency="SAR", average_minor=200_00, time_zone="Asia/Riyadh").spec


def told_under(history: History, template: str) -> History:
    spec = spec_of(template)
    told = deliver_parcels(rename_shelves(history, template), spec, until=NOW)
    return add_doings(told, spec, store="falcon-shop", seed=1, until=NOW)


@pytest.mark.parametrize("template", list_templates())
def test_everything_that_begins_a_rule_happens_and_can_be_decided(history: History, template: str) -> None:
    spec = spec_of(template)
    told = told_under(history, template).told

    done = [each.fact for each in told if isinstance(each.fact, ActivityNotice)]
    happened = Counter(notice.activity.kind for notice in done)
    assert set(happened) == set(spec.earning_by_trigger) - {ORDER_PAID} - spec.found
    program = since_ever(spec)
    for notice in done:
        check_told(program, notice.activity)
        assert int(notice.customer.external_id or 0) > len(STORIES)
    born = [each.fact for each in told if isinstance(each.fact, CustomerSnapshot) and each.fact.birthday]
    assert bool(born) == ("birthday" in spec.earning_by_trigger)
    answered = [each.fact for each in told if isinstance(each.fact, CustomerSnapshot) and each.fact.answers]
    assert bool(answered) == bool(spec.profile.fields)
    for account in answered:
        check_answers(program, account.answers, at=account.as_of)
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert told_under(history, template).told == told


@pytest.mark.parametrize("template", list_templates())
def test_every_shelf_that_a_rule_names_has_something_on_it(history: History, template: str) -> None:
    told = told_under(history, template).told
    lines = [line for each in told if isinstance(each.fact, OrderSnapshot) for line in each.fact.lines]

    scoped: list[EarningRule | Accelerator] = [*spec_of(template).earning, *spec_of(template).accelerators]
    for rule in scoped:
        if (include := rule.scope.include) is not None:
            named = {*include.categories, *include.collections, *include.tags, *include.products}
            sold = ({*line.categories, *line.collections, *line.tags, line.product_id} for line in lines)
            assert any(named & names for names in sold), rule.id


def test_parcels_come_where_units_wait_for_them(history: History) -> None:
    def arrived(template: str) -> int:
        told = told_under(history, template).told
        last = {each.fact.external_id: each.fact for each in told if isinstance(each.fact, OrderSnapshot)}
        return sum(order.delivered_at is not None for order in last.values())

    assert arrived("electronics-credit") > 1_000
    assert arrived("cafe-stamps") == 0
