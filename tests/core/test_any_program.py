"""Any program that the schema allows decides whatever is told, in whole numbers, and says the same twice."""

from typing import Any

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from tests.core.histories import Happening, Suspending, histories
from tests.core.memory import MemoryDriver
from tests.core.programs import programs
from tests.core.test_laws import ENDED
from tests.examples import examples
from wafa.core.activities import Activity, ActivityNotice
from wafa.core.compare import NotYet
from wafa.core.decide import Decision, decide
from wafa.core.member import Profile
from wafa.core.snapshots import CustomerSnapshot
from wafa.core.spec import ProgramSpec
from wafa.core.standing import Suspended
from wafa.core.tiers.record import Appointment


class Witness(MemoryDriver):
    """Books as the ledger would, with the laws of the books looked at after every journal; decides everything twice."""

    def decide(self, activity: Activity, *, by_guest: bool = False) -> Decision:
        before = self.standing
        decision = super().decide(activity, by_guest=by_guest)
        assert decide(self.program, before, activity) == decision
        assert_whole(msgspec.to_builtins((decision.journals, decision.not_earned, decision.tiers)))
        return decision


def assert_whole(told: Any) -> None:
    """No amount is a fraction, wherever it stands."""
    match told:
        case dict():
            for value in told.values():
                assert_whole(value)
        case list() | tuple():
            for value in told:
                assert_whole(value)
        case _:
            assert not isinstance(told, float), told


def tell(driver: Witness, told: Happening) -> None:
    driver.turn_clock(at=told.at)
    match told.fact:
        case Appointment():
            if driver.standing.tiers is not None and driver.standing.joined:
                driver.appoint(told.fact)
        case Suspending(lifts=lifts):
            before = driver.standing.suspensions
            lifted = tuple(Suspended(each.since, each.until or told.at) for each in before)
            driver.suspend(lifted if lifts else (*before, Suspended(told.at)))
        case CustomerSnapshot():
            driver.join(at=told.at)
            answers = {name: said for name, said in told.fact.answers.items() if said is not None}
            driver.meet(Profile(told=("email", *answers), answers=answers))
        case ActivityNotice():
            driver.do(told.fact)
        case _:
            driver.see(told.fact)


@examples(150)
@given(data=st.data(), spec=programs(), history=histories(people=1), guest=st.booleans())
def test_any_program_decides_whatever_is_told_in_any_order(
    data: st.DataObject, spec: ProgramSpec, history: list[Happening], guest: bool
) -> None:
    driver = Witness(spec, guest=guest)
    order = history if data.draw(st.booleans()) else data.draw(st.permutations(history * 2))
    waiting = []
    for told in order:
        try:
            tell(driver, told)
        except NotYet:
            waiting.append(told)
    for told in waiting:
        tell(driver, told)
    driver.turn_clock(at=ENDED)
    event(f"{min(len(driver.journals), 12)} journals")
    event("tiers" if driver.standing.tiers and driver.standing.tiers.steps else "no tiers")
