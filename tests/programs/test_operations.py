"""Programs, their versions, stores and keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from wafa.core.spec import Fault
from wafa.kit.ids import new_id
from wafa.kit.transactions import program_transaction
from wafa.programs.models import ApiKey, Program, Staff, Store, Version
from wafa.programs.operations import (
    Invalid,
    NotPublished,
    add_endpoint,
    add_staff,
    connect_store,
    create_api_key,
    create_program,
    mark_polled,
    publish_version,
    revoke_api_key,
)
from wafa.programs.queries import (
    authenticate_api_key,
    find_endpoint,
    find_role,
    find_store,
    get_program_rules,
    list_endpoint_ids,
    list_programs_of_user,
    list_stores,
    read_endpoint_secret,
    read_store_facts,
    read_store_secret,
)

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, tzinfo=UTC)


def document(**changes: Any) -> dict[str, Any]:
    unit = {"code": "points", "name": {"en": {"other": "points"}}}
    return {"name": {"en": "Club"}, "currency": "SAR", "units": [unit]} | changes


def make_program(**changes: Any) -> UUID:
    told: dict[str, Any] = {"slug": f"club-{new_id().hex}", "name": "Club", "currency": "SAR", "at": AT}
    return create_program(**(told | changes))


def publish(program_id: UUID, *, at: datetime = AT, **changes: Any) -> int:
    with program_transaction(program_id):
        return publish_version(program_id, document(), published_by="Layla", at=at, **changes).number


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Not a slug"),
        ("slug", "-club"),
        ("slug", ""),
        ("name", " "),
        ("currency", "sar"),
        ("currency", "SRA"),
        ("locale", "de"),
        ("digits", "roman"),
        ("calendar", "mayan"),
        ("time_zone", "Mars/Olympus"),
        ("colour", "red"),
    ],
)
def test_a_program_with_a_fault_is_not_made(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_program(**{field: value})
    assert refused.value.field == field
    assert Program.objects.count() == 0


def test_a_slug_is_given_once() -> None:
    make_program(slug="club")
    with pytest.raises(Invalid, match="slug: expected one that no other program has"):
        make_program(slug="club")
    assert Program.objects.count() == 1


def test_versions_are_numbered_and_decide_from_their_date() -> None:
    program_id = make_program()
    assert publish(program_id) == 1
    assert publish(program_id, effective_from=AT + timedelta(days=10)) == 2
    with program_transaction(program_id):
        rules = get_program_rules(program_id)
        (first, second) = Version.objects.filter(program_id=program_id).order_by("number")
    assert (first.published_at, first.published_by) == (AT, "Layla")
    assert (first.effective_from, second.effective_from) == (AT, AT + timedelta(days=10))
    in_force = [rules.in_force(AT + timedelta(days=days)) for days in (-1, 0, 9, 10)]
    assert [version and version.number for version in in_force] == [None, 1, 1, 2]


def test_only_the_first_version_begins_in_the_past_unless_on_purpose() -> None:
    program_id = make_program()
    past = AT - timedelta(days=30)
    assert publish(program_id, effective_from=past) == 1
    with pytest.raises(NotPublished, match="effective_from: expected 2026-03-01"):
        publish(program_id, effective_from=AT - timedelta(microseconds=1))
    with program_transaction(program_id):
        assert Version.objects.count() == 1
    assert publish(program_id, effective_from=AT) == 2
    assert publish(program_id, effective_from=past, backdated=True) == 3


def test_a_document_that_is_no_program_is_not_published() -> None:
    program_id = make_program()
    with program_transaction(program_id), pytest.raises(Fault, match="currency"):
        publish_version(program_id, document(currency="money"), published_by="Layla", at=AT)
    with program_transaction(program_id):
        assert Version.objects.count() == 0


def test_rules_are_read_again_only_when_something_was_published(django_assert_num_queries: Any) -> None:
    program_id = make_program()
    publish(program_id)
    with program_transaction(program_id):
        with django_assert_num_queries(2):
            first = get_program_rules(program_id)
        with django_assert_num_queries(1):
            assert get_program_rules(program_id) is first
    publish(program_id)
    with program_transaction(program_id):
        second = get_program_rules(program_id)
    assert [rules.latest and rules.latest.number for rules in (first, second)] == [1, 2]


def test_rules_of_a_publication_that_was_rolled_back_are_forgotten() -> None:
    program_id = make_program()
    publish(program_id)

    def publish_as(name: str) -> None:
        publish_version(program_id, document(name={"en": name}), published_by="Layla", at=AT)

    with program_transaction(program_id):
        with pytest.raises(RuntimeError), transaction.atomic():
            publish_as("Dropped")
            assert _latest_name(program_id) == "Dropped"
            raise RuntimeError
        publish_as("Kept")
        assert _latest_name(program_id) == "Kept"


def _latest_name(program_id: UUID) -> str | None:
    latest = get_program_rules(program_id).latest
    return latest.spec.name["en"] if latest else None


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_take_turns() -> None:
    program_id = make_program()
    begin = Barrier(4)
    numbers: list[int] = []

    def run() -> None:
        begin.wait()
        numbers.append(publish(program_id))
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(numbers) == [1, 2, 3, 4]


def connect(program_id: UUID, **changes: Any) -> UUID:
    told: dict[str, Any] = {
        "code": "riyadh",
        "connector": "woocommerce",
        "name": "Riyadh",
        "currency": "SAR",
        "secret": "signing-secret",
        "url": "https://shop.example.com",
        "country": "SA",
        "credentials": {"key": "ck_1", "secret": "cs_2"},
        "at": AT,
    }
    with program_transaction(program_id):
        return connect_store(program_id, **(told | changes))


def test_a_store_keeps_its_secrets_sealed() -> None:
    program_id = make_program()
    connect(program_id, exponent=3)
    with program_transaction(program_id):
        store = find_store(program_id, code="riyadh")
        assert store is not None
        assert find_store(program_id, code="jeddah") is None
        kept = Store.objects.filter(program_id=program_id).values().get()
        facts = read_store_facts(store)
        assert (facts.code, facts.currency, facts.exponent, facts.country) == ("riyadh", "SAR", 3, "SA")
        assert (facts.url, facts.credentials) == ("https://shop.example.com", {"key": "ck_1", "secret": "cs_2"})
        assert read_store_secret(store) == "signing-secret"
    for secret in ("signing-secret", "ck_1", "cs_2"):
        assert secret not in repr(kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "Riyadh 1"), ("code", "riyadh"), ("currency", "riyal"), ("exponent", 9), ("secret", "")],
)
def test_a_store_with_a_fault_is_not_connected(field: str, value: object) -> None:
    program_id = make_program()
    connect(program_id)
    with pytest.raises(Invalid) as refused:
        connect(program_id, **({"code": "jeddah"} | {field: value}))
    assert refused.value.field == field
    with program_transaction(program_id):
        assert [store.code for store in list_stores(program_id)] == ["riyadh"]


def test_a_poll_is_remembered() -> None:
    program_id = make_program()
    store_id = connect(program_id)
    with program_transaction(program_id):
        mark_polled(program_id, store_id, until=AT)
        assert [store.polled_until for store in list_stores(program_id)] == [AT]


def test_a_key_opens_its_program_until_it_is_revoked() -> None:
    program_id = make_program()
    with program_transaction(program_id):
        made = create_api_key(program_id, name="Shop floor", scopes=["read"], at=AT)
        kept = ApiKey.objects.filter(program_id=program_id).values().get()
    secret = made.token.split("_", 3)[3]
    assert secret not in repr(kept) + repr(made)
    key = authenticate_api_key(made.token)
    assert key is not None
    assert (key.program_id, key.id, key.scopes) == (program_id, made.id, ["read"])
    with program_transaction(program_id):
        revoke_api_key(program_id, made.id, at=AT)
    assert authenticate_api_key(made.token) is None


WRONG: dict[str, Callable[[str], str]] = {
    "another secret": lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
    "another program": lambda token: token.replace(token.split("_")[1], new_id().hex),
    "another key": lambda token: token.replace(token.split("_")[2], new_id().hex),
    "no secret": lambda token: "_".join(token.split("_")[:3]) + "_",
    "another word": lambda token: "x" + token,
    "no token": lambda token: "nonsense",
    "nothing": lambda token: "",
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_any_other_token_opens_nothing(change: Callable[[str], str]) -> None:
    program_id = make_program()
    with program_transaction(program_id):
        token = create_api_key(program_id, name="Shop floor", scopes=["read"], at=AT).token
    assert authenticate_api_key(token) is not None
    assert authenticate_api_key(change(token)) is None


def test_a_key_with_an_unknown_scope_is_not_made() -> None:
    program_id = make_program()
    with program_transaction(program_id), pytest.raises(Invalid, match="scopes: expected one of read, write"):
        create_api_key(program_id, name="Shop floor", scopes=["read", "everything"], at=AT)
    with program_transaction(program_id):
        assert ApiKey.objects.count() == 0


def test_an_endpoint_keeps_its_secret_sealed() -> None:
    program_id = make_program()
    with program_transaction(program_id):
        endpoint_id = add_endpoint(program_id, url="https://erp.example.com/wafa", secret="whsec", at=AT)
        endpoint = find_endpoint(program_id, endpoint_id)
        assert endpoint is not None
        assert "whsec" not in endpoint.secret_encrypted
        assert read_endpoint_secret(endpoint) == "whsec"
        assert list_endpoint_ids(program_id) == [endpoint_id]
        with pytest.raises(Invalid, match="url"):
            add_endpoint(program_id, url="ftp://erp.example.com", secret="whsec", at=AT)


def test_staff_enter_the_programs_they_were_added_to() -> None:
    mine, other = make_program(name="Mine"), make_program(name="Other")
    add_staff(mine, user_id=7, role="viewer", at=AT)
    add_staff(mine, user_id=7, role="owner", at=AT + timedelta(days=1))
    add_staff(other, user_id=8, role="manager", at=AT)
    assert [program.id for program in list_programs_of_user(7)] == [mine]
    assert (find_role(mine, 7), find_role(other, 7), find_role(other, 8)) == ("owner", None, "manager")
    with pytest.raises(Invalid, match="role"):
        add_staff(mine, user_id=9, role="king", at=AT)
    assert Staff.objects.count() == 2
