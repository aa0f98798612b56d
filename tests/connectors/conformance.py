"""What every connector owes: `check(case)` holds one against its own sample deliveries.

Used for the connectors in the registry, by the page "write a connector", and by whoever brings one in a package.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from wafa.connectors.contract import BadSignature, CannotUnderstand, Delivery, Fact, StoreConnector, StoreFacts

_MARK = "Somebody's-Name-42"
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_FACTS = Fact.__args__
_FUZZ = examples(150, deadline=None, database=None, derandomize=True, report_multiple_bugs=False)
_JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from([_MARK, "", "0", "-1.005", "1e9", "9" * 40, "0001-01-01T00:00:00+14:00", "\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


class Case(msgspec.Struct, kw_only=True):
    """A connector and deliveries of one store, signed with `secret`, in the order in which they were sent."""

    connector: StoreConnector
    store: StoreFacts
    secret: str
    deliveries: tuple[Delivery, ...]


def check(case: Case) -> None:
    """Every rule below. Raises AssertionError at the first that is broken."""
    for rule in RULES:
        rule(case)


def check_it_has_samples_that_say_something(case: Case) -> None:
    facts = [fact for delivery in case.deliveries for fact in _translate(case, delivery)]
    assert facts, "samples are needed, and at least one that holds a fact"
    assert not any(case.connector.is_ping(delivery) for delivery in case.deliveries)


def check_a_true_signature_is_accepted_whatever_the_case_of_its_header(case: Case) -> None:
    for delivery in case.deliveries:
        case.connector.verify(delivery, case.secret)
        for change in (str.upper, str.title):
            headers = {change(name): text for name, text in delivery.headers.items()}
            renamed = Delivery(headers, delivery.body, delivery.received_at)
            case.connector.verify(renamed, case.secret)
            assert case.connector.topic(renamed) == case.connector.topic(delivery)


def check_a_changed_byte_fails(case: Case) -> None:
    for delivery in case.deliveries:
        for place in {0, len(delivery.body) // 2, len(delivery.body) - 1}:
            changed = bytearray(delivery.body)
            changed[place] ^= 1
            _assert_refused(case, _with_body(delivery, bytes(changed)), case.secret)


def check_a_foreign_or_missing_signature_fails(case: Case) -> None:
    for delivery in case.deliveries:
        _assert_refused(case, delivery, case.secret + "x")
        _assert_refused(case, delivery, "")
        _assert_refused(case, Delivery({}, delivery.body, delivery.received_at), case.secret)
        strange = dict.fromkeys(delivery.headers, "é�")
        _assert_refused(case, Delivery(strange, delivery.body, delivery.received_at), case.secret)


def check_the_same_delivery_says_the_same(case: Case) -> None:
    for delivery in case.deliveries:
        facts = _translate(case, delivery)
        assert facts == _translate(case, delivery)
        later = Delivery(delivery.headers, delivery.body, delivery.received_at)
        assert facts == _translate(case, later)


def check_facts_are_ours_and_survive_being_kept(case: Case) -> None:
    for delivery in case.deliveries:
        for fact in _translate(case, delivery):
            _assert_sound(fact)


def check_an_order_never_goes_back_in_time(case: Case) -> None:
    newest: dict[str, datetime] = {}
    for delivery in case.deliveries:
        for fact in _translate(case, delivery):
            external_id, as_of = getattr(fact, "external_id", None), getattr(fact, "as_of", None)
            if external_id is None or as_of is None:
                continue
            assert as_of >= newest.get(external_id, as_of), f"{external_id} was told as of an earlier time than before"
            newest[external_id] = as_of


def check_random_bytes_are_not_understood(case: Case) -> None:
    @_FUZZ
    @given(st.sampled_from(case.deliveries), st.binary(max_size=60))
    def hold(delivery: Delivery, body: bytes) -> None:
        _assert_understood_or_explained(case, _with_body(delivery, body))

    hold()
    for body in (b"", b"null", b"[]", b"{}", b'"x"', b"\xff", b'{"a":' * 5_000, b"[" * 100_000, b"1" * 10_000):
        for delivery in case.deliveries:
            _assert_understood_or_explained(case, _with_body(delivery, body))


def check_a_wrong_value_anywhere_is_explained(case: Case) -> None:
    """One value of a sample replaced by anything, or taken away: sound facts, or a path to what is wrong."""
    bodies = [(delivery, _parse(delivery.body)) for delivery in case.deliveries]
    places = [(delivery, place) for delivery, body in bodies for place in _places(body)]
    if not places:
        return
    for delivery, place in places:
        body = json.dumps(_changed(_parse(delivery.body), place, _MARK)).encode()
        _assert_understood_or_explained(case, _with_body(delivery, body))

    @_FUZZ
    @given(st.sampled_from(places), st.just(...) | _JSON_VALUES)
    def hold(chosen: tuple[Delivery, tuple[str | int, ...]], value: object) -> None:
        delivery, place = chosen
        body = json.dumps(_changed(_parse(delivery.body), place, value)).encode()
        _assert_understood_or_explained(case, _with_body(delivery, body))

    hold()


def check_text_that_no_database_keeps_is_explained(case: Case) -> None:
    """A NUL character or half a surrogate pair in any text of a sample, or in the name of a field."""
    for delivery in case.deliveries:
        for place in _places(_parse(delivery.body)):
            for unkept in ("\x00", "\ud800"):
                changed = _with_text(_parse(delivery.body), place, unkept)
                _assert_understood_or_explained(case, _with_body(delivery, json.dumps(changed).encode()))


def check_credentials_are_not_shown(case: Case) -> None:
    store = msgspec.structs.replace(case.store, credentials={"key": _MARK})
    assert _MARK not in repr(store)
    assert _MARK not in str(store)


RULES: tuple[Callable[[Case], None], ...] = (
    check_it_has_samples_that_say_something,
    check_a_true_signature_is_accepted_whatever_the_case_of_its_header,
    check_a_changed_byte_fails,
    check_a_foreign_or_missing_signature_fails,
    check_the_same_delivery_says_the_same,
    check_facts_are_ours_and_survive_being_kept,
    check_an_order_never_goes_back_in_time,
    check_random_bytes_are_not_understood,
    check_a_wrong_value_anywhere_is_explained,
    check_text_that_no_database_keeps_is_explained,
    check_credentials_are_not_shown,
)


def _translate(case: Case, delivery: Delivery) -> tuple[Fact, ...]:
    return case.connector.translate(delivery, case.store)


def _with_body(delivery: Delivery, body: bytes) -> Delivery:
    return Delivery(delivery.headers, body, delivery.received_at)


def _assert_refused(case: Case, delivery: Delivery, secret: str) -> None:
    with pytest.raises(BadSignature):
        case.connector.verify(delivery, secret)


def _assert_understood_or_explained(case: Case, delivery: Delivery) -> None:
    _assert_kept(case.connector.topic(delivery))
    understood = _try_to_translate(case, delivery)
    if isinstance(understood, CannotUnderstand):
        _assert_kept(str(understood))
        assert understood.path, "a path says where"
        assert understood.expected, "and what was expected there"
        assert _MARK not in str(understood), "an error repeats nothing of what was sent"
        return
    for fact in understood:
        _assert_sound(fact)


def _try_to_translate(case: Case, delivery: Delivery) -> tuple[Fact, ...] | CannotUnderstand:
    try:
        return _translate(case, delivery)
    except CannotUnderstand as fault:
        return fault


def _assert_sound(fact: Fact) -> None:
    assert isinstance(fact, _FACTS)
    assert msgspec.json.decode(msgspec.json.encode(fact), type=type(fact)) == fact
    for value in _values(fact):
        assert not isinstance(value, float), "money and counts are whole numbers"
        if isinstance(value, datetime):
            assert value.utcoffset() == timedelta(0), "times are UTC and say so"
        if isinstance(value, str):
            _assert_kept(value)


def _assert_kept(text: str) -> None:
    assert not _UNKEPT.search(text), "the database keeps no NUL and no half of a surrogate pair"


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, msgspec.Struct):
        value = list(msgspec.structs.asdict(value).values())
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for each in value:
            yield from _values(each)
    else:
        yield value


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None  # this store does not speak JSON: random bytes have to do


def _places(body: Any) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a document."""
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in members:
        yield (name,)
        for rest in _places(value):
            yield (name, *rest)


def _changed(body: Any, place: tuple[str | int, ...], value: object) -> Any:
    """`body` with another value at `place`; `...` takes it away."""
    at = body
    for name in place[:-1]:
        at = at[name]
    if value is ...:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return body


def _with_text(body: Any, place: tuple[str | int, ...], text: str) -> Any:
    """`body` with `text` after the text at `place`; where there is another value, after its name."""
    at = body
    for name in place[:-1]:
        at = at[name]
    last = place[-1]
    if isinstance(at[last], str):
        at[last] += text
    elif isinstance(at, dict):
        at[f"{last}{text}"] = at.pop(last)
    return body
