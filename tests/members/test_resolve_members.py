"""Who is who: by account, then e-mail, then phone; nobody twice, and nobody's identity taken."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import product
from threading import Event
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.examples import EVERYDAY
from tests.races.together import together
from wafa.core.snapshots import CustomerRef
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.members.models import Identity, Member
from wafa.members.operations import Resolved, resolve_members

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)
OTHERS = [(0, 2, 1), (2, 1, 0)]


class Room:
    """The members of one program."""

    def __init__(self) -> None:
        self.program_id = new_id()

    def resolve(
        self,
        *people: CustomerRef | tuple[str, CustomerRef],
        automatic: bool = True,
        at: datetime = AT,
        as_of: datetime = AT,
    ) -> list[Resolved | None]:
        named = [person if isinstance(person, tuple) else ("main", person) for person in people]
        told = [(store, person, as_of) for store, person in named]
        with program_transaction(self.program_id):
            return resolve_members(self.program_id, told, joins_automatically=automatic, at=at)

    def one(self, person: CustomerRef, *, automatic: bool = True, at: datetime = AT, as_of: datetime = AT) -> Resolved:
        (found,) = self.resolve(person, automatic=automatic, at=at, as_of=as_of)
        assert found is not None
        return found

    def identities(self) -> dict[str, UUID]:
        with program_transaction(self.program_id):
            return dict(Identity.objects.filter(program_id=self.program_id).values_list("value", "member_id"))

    def members(self) -> list[Member]:
        with program_transaction(self.program_id):
            return list(Member.objects.filter(program_id=self.program_id).order_by("id"))


@pytest.fixture
def room() -> Room:
    return Room()


def ref(
    external_id: str | None = None, email: str | None = None, phone: str | None = None, name: str = ""
) -> CustomerRef:
    return CustomerRef(external_id=external_id, email=email, phone=phone, name=name)


def test_an_account_joins_and_is_known_again(room: Room) -> None:
    layla = ref("7", "Layla@Example.com", "+966500000001", "Layla Hassan")
    made = room.one(layla)
    assert (made.joined, made.newly_joined, made.signs_up, made.contested) == (True, False, True, ())
    assert room.one(layla) == replace(made, is_new=False, signs_up=False)
    assert room.one(ref("7")).member_id == made.member_id
    assert room.identities() == dict.fromkeys(["main:7", "layla@example.com", "+966500000001"], made.member_id)
    (member,) = room.members()
    assert (member.state, member.joined_at, member.created_at) == ("member", AT, AT)
    assert (member.name, member.email, member.phone) == ("Layla Hassan", "Layla@Example.com", "+966500000001")


def test_the_same_number_in_two_stores_is_two_people(room: Room) -> None:
    first, second = room.resolve(("riyadh", ref("7")), ("jeddah", ref("7")))
    assert first is not None
    assert second is not None
    assert first.member_id != second.member_id


def test_who_has_no_account_is_a_guest_known_by_e_mail(room: Room) -> None:
    made = room.one(ref(email="sami@example.com"))
    assert made.joined is False
    assert room.one(ref(email=" SAMI@example.com ")).member_id == made.member_id
    (member,) = room.members()
    assert (member.state, member.joined_at) == ("guest", None)


def test_who_has_no_e_mail_is_known_by_phone(room: Room) -> None:
    made = room.one(ref(phone="+966500000002"))
    assert room.one(ref(phone="+966500000002")).member_id == made.member_id
    assert made.joined is False


def test_who_has_nothing_is_nobody(room: Room) -> None:
    assert room.resolve(ref(name="A passer-by")) == [None]
    assert room.members() == []


def test_an_order_by_a_known_e_mail_is_the_members(room: Room) -> None:
    member = room.one(ref("7", "layla@example.com"))
    guest_order = room.one(ref(email="layla@example.com"))
    assert guest_order == replace(member, is_new=False, signs_up=False)


def test_a_guest_joins_in_place_with_an_account(room: Room) -> None:
    guest = room.one(ref(email="sami@example.com"))
    later = AT + timedelta(days=3)
    joined = room.one(ref("9", "sami@example.com"), at=later)
    assert joined == Resolved(member_id=guest.member_id, joined=True, newly_joined=True, signs_up=True)
    assert room.one(ref("9", "sami@example.com"), at=later).newly_joined is False
    (member,) = room.members()
    assert (member.state, member.joined_at) == ("member", later)


def test_a_guest_known_by_phone_alone_joins_too(room: Room) -> None:
    guest = room.one(ref(phone="+966500000002"))
    joined = room.one(ref("9", "sami@example.com", "+966500000002"))
    assert (joined.member_id, joined.newly_joined) == (guest.member_id, True)


def test_joining_may_be_left_to_the_shopper(room: Room) -> None:
    made = room.one(ref("7", "layla@example.com"), automatic=False)
    assert (made.joined, made.newly_joined) == (False, False)
    assert room.one(ref("7"), automatic=True).newly_joined is True


def test_a_phone_does_not_speak_against_an_e_mail(room: Room) -> None:
    mother = room.one(ref(email="mother@example.com", phone="+966500000003"))
    daughter = room.one(ref(email="daughter@example.com", phone="+966500000003"))
    assert daughter.member_id != mother.member_id
    assert daughter.contested == (("phone", "+966500000003", mother.member_id),)
    assert room.identities()["+966500000003"] == mother.member_id


def test_an_identity_of_somebody_else_stays_there(room: Room) -> None:
    layla = room.one(ref("7", "layla@example.com"))
    sami = room.one(ref("9", "sami@example.com"))
    moved = room.one(ref("9", "layla@example.com"))
    assert moved.member_id == sami.member_id
    assert moved.contested == (("email", "layla@example.com", layla.member_id),)
    assert room.identities()["layla@example.com"] == layla.member_id


def test_a_batch_knows_whom_it_just_met(room: Room) -> None:
    people = [
        ref(email="sami@example.com"),
        ref("7", "layla@example.com"),
        ref("9", "sami@example.com", "+966500000002"),
        ref(),
        ref(phone="+966500000002"),
    ]
    guest, layla, account, nobody, phone = room.resolve(*people)
    assert nobody is None
    assert guest is not None
    assert layla is not None
    assert guest == account == phone
    assert (guest.joined, guest.newly_joined) == (True, False)
    assert {member.id for member in room.members()} == {guest.member_id, layla.member_id}
    assert [found and found.member_id for found in room.resolve(*people)] == [
        found and found.member_id for found in (guest, layla, account, nobody, phone)
    ]


@pytest.mark.parametrize("together", [False, True], ids=["one-by-one", "at-once"])
@pytest.mark.parametrize(
    "order", [(0, 1, 2), *(pytest.param(each, marks=pytest.mark.slow) for each in OTHERS)], ids=str
)
def test_the_email_of_a_member_is_always_an_identity_of_theirs(together: bool, order: Sequence[int]) -> None:
    """So an account that comes with the e-mail that stands with its member need not be asked whose e-mail that is."""
    people = [ref(account, email) for account in ("1", None, "2") for email in ("a@example.com", "b@example.com")]
    # Whoever comes first may as well be called 1, and their e-mail a: the others differ in these names alone.
    for told in product(people[:3:2] if EVERYDAY else people, people, people):
        room = Room()
        if together:
            room.resolve(*told)
        else:
            for person, day in zip(told, order, strict=True):
                room.one(person, as_of=AT + timedelta(days=day))
        identities = room.identities()
        stands = {member.email: member.id for member in room.members() if member.email}
        assert stands.items() <= identities.items(), told


@pytest.mark.parametrize("size", [1, 400])
def test_statements(
    room: Room, size: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    people = [("main", ref(str(n), f"u{n}@example.com", f"+9665{n:08d}"), AT) for n in range(size)]
    guests = [("main", ref(email=f"g{n}@example.com"), AT) for n in range(size)]
    joining = [("main", ref(f"g{n}", f"g{n}@example.com"), AT) for n in range(size)]
    for batch, statements in ((people, 4), (people, 1), (guests, 3), (joining, 4), (joining, 1), ([], 0)):
        with program_transaction(room.program_id), django_assert_num_queries(statements):
            resolve_members(room.program_id, batch, joins_automatically=True, at=AT)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_enrolled_at_once_ends_in_one_member(room: Room) -> None:
    """One enrols a guest and waits; the other, with an account of the same e-mail, ends up with that very member."""
    holds, done = Event(), Event()
    found: dict[str, Resolved] = {}

    def guest() -> None:
        with program_transaction(room.program_id):
            people = [("main", ref(email="sami@example.com"), AT)]
            (first,) = resolve_members(room.program_id, people, joins_automatically=True, at=AT)
            assert first is not None
            found["guest"] = first
            holds.set()
            assert not done.wait(0.3), "the other did not wait"

    def account() -> None:
        holds.wait()
        found["account"] = room.one(ref("9", "sami@example.com", "+966500000002"))
        done.set()

    together([guest, account])
    (member,) = room.members()
    assert found["guest"].member_id == found["account"].member_id == member.id
    assert (member.state, found["account"].newly_joined) == ("member", True)
    assert room.identities() == dict.fromkeys(["sami@example.com", "main:9", "+966500000002"], member.id)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_in_any_order(room: Room) -> None:
    """Eight threads enrol the same thirty people, each in another order, some as guests: thirty members come of it."""

    def enroll(worker: int) -> Callable[[], None]:
        def run() -> None:
            people = [
                ref(str(n) if (worker + n) % 2 else None, f"u{n}@example.com", f"+9665{n:08d}") for n in range(30)
            ]
            room.resolve(*(people[worker:] + people[:worker])[:: 1 if worker % 2 else -1])

        return run

    together([enroll(worker) for worker in range(8)])
    members = room.members()
    assert len(members) == 30
    assert {member.state for member in members} == {"member"}
    identities = room.identities()
    assert len(identities) == 90
    for n in range(30):
        assert len({identities[f"main:{n}"], identities[f"u{n}@example.com"], identities[f"+9665{n:08d}"]}) == 1
