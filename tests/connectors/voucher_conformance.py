"""What every connector that writes discounts owes: `check_writer(case)` holds its writer against a store of its kind.

Used for the connectors in the registry, and by whoever brings one in a package.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal, Protocol
from uuid import UUID

import msgspec
import pytest

from wafa.connectors.contract import CannotReach, StoreRefused
from wafa.connectors.vouchers import StoreVoucher, VoucherWriter

_MARK = "somebody-42@example.com"
_KINDS = {"amount_off", "percent_off", "free_shipping", "free_product", "gift_card"}


class StoreOfVouchers(Protocol):
    """A store of this kind, or a faithful fake of it, as its own staff sees it."""

    def count(self, code: str) -> int:
        """How many discounts have this code, in upper or lower case."""

    def use(self, code: str) -> None:
        """An order uses the discount."""

    def take(self, code: str) -> object:
        """Staff makes a discount of their own with this code. Returns it as the store keeps it, to be compared."""

    def look(self, code: str) -> object:
        """The discount with this code as the store keeps it."""

    def silent(self, when: Literal["before", "after"]) -> AbstractContextManager[None]:
        """Changes get no answer meanwhile: the store ends the connection before it does them, or after."""


class WriterCase(msgspec.Struct, kw_only=True):
    """A writer with the store that it writes to, and one whose credentials may only read there.

    `vouchers` has one of each kind of discount, with different codes and ids.
    """

    writer: VoucherWriter
    without_permission: VoucherWriter
    store: StoreOfVouchers
    vouchers: tuple[StoreVoucher, ...]


def check_writer(case: WriterCase) -> None:
    """Every rule below. Raises AssertionError at the first that is broken."""
    assert {voucher.kind for voucher in case.vouchers} == _KINDS
    for rule in RULES:
        rule(case)


def check_every_kind_is_made_once_however_often_it_is_told(case: WriterCase) -> None:
    for voucher in case.vouchers:
        for _ in range(3):
            case.writer.write_voucher(voucher)
            assert case.store.count(voucher.code) == 1
        case.writer.write_voucher(msgspec.structs.replace(voucher, code=voucher.code.swapcase()))
        assert case.store.count(voucher.code) == 1
        _clear(case, voucher)


def check_what_was_taken_out_is_gone_however_often_it_is_told(case: WriterCase) -> None:
    for voucher in case.vouchers:
        assert case.writer.revoke_voucher(voucher), "what was never there is out of the store"
        case.writer.write_voucher(voucher)
        for _ in range(2):
            assert case.writer.revoke_voucher(voucher)
            assert case.store.count(voucher.code) == 0


def check_what_was_used_stays(case: WriterCase) -> None:
    for voucher in case.vouchers[:1]:
        case.writer.write_voucher(voucher)
        case.store.use(voucher.code)
        before = case.store.look(voucher.code)
        for _ in range(2):
            assert not case.writer.revoke_voucher(voucher)
        case.writer.write_voucher(voucher)
        assert case.store.look(voucher.code) == before


def check_another_ones_code_is_refused_and_left_alone(case: WriterCase) -> None:
    voucher = _another(case.vouchers[0], 1)
    before = case.store.take(voucher.code)
    with pytest.raises(StoreRefused):
        case.writer.write_voucher(voucher)
    assert case.writer.revoke_voucher(voucher), "ours is not there"
    assert case.store.look(voucher.code) == before
    # One that Wafa made for somebody else is another one's too.
    ours = _another(case.vouchers[0], 2)
    case.writer.write_voucher(ours)
    theirs = msgspec.structs.replace(ours, id=UUID(int=99))
    with pytest.raises(StoreRefused):
        case.writer.write_voucher(theirs)
    assert case.writer.revoke_voucher(theirs)
    assert case.store.count(ours.code) == 1
    _clear(case, ours)


def check_silence_is_tried_again_and_nothing_is_doubled(case: WriterCase) -> None:
    voucher = _another(case.vouchers[0], 3)
    for when in ("before", "after"):
        with case.store.silent(when), pytest.raises(CannotReach):
            case.writer.write_voucher(voucher)
        assert case.store.count(voucher.code) == (when == "after")
        case.writer.write_voucher(voucher)
        assert case.store.count(voucher.code) == 1
        with case.store.silent(when), pytest.raises(CannotReach):
            case.writer.revoke_voucher(voucher)
        assert case.store.count(voucher.code) == (when == "before")
        assert case.writer.revoke_voucher(voucher)


def check_a_writer_without_permission_is_refused_and_changes_nothing(case: WriterCase) -> None:
    case.writer.check_access()
    voucher = _another(case.vouchers[0], 4)
    with pytest.raises(StoreRefused):
        case.without_permission.check_access()
    with pytest.raises(StoreRefused):
        case.without_permission.write_voucher(voucher)
    assert case.store.count(voucher.code) == 0
    case.writer.write_voucher(voucher)
    with pytest.raises(StoreRefused):
        case.without_permission.revoke_voucher(voucher)
    assert case.store.count(voucher.code) == 1
    _clear(case, voucher)


def check_no_error_repeats_whose_it_is(case: WriterCase) -> None:
    voucher = msgspec.structs.replace(_another(case.vouchers[0], 5), email=_MARK)
    with case.store.silent("before"), pytest.raises(CannotReach) as silent:
        case.writer.write_voucher(voucher)
    with pytest.raises(StoreRefused) as refused:
        case.without_permission.write_voucher(voucher)
    for error in (silent.value, refused.value):
        assert _MARK not in str(error)
        assert voucher.code.lower() not in str(error).lower()


RULES: tuple[Callable[[WriterCase], None], ...] = (
    check_every_kind_is_made_once_however_often_it_is_told,
    check_what_was_taken_out_is_gone_however_often_it_is_told,
    check_what_was_used_stays,
    check_another_ones_code_is_refused_and_left_alone,
    check_silence_is_tried_again_and_nothing_is_doubled,
    check_a_writer_without_permission_is_refused_and_changes_nothing,
    check_no_error_repeats_whose_it_is,
)


def _another(voucher: StoreVoucher, number: int) -> StoreVoucher:
    return msgspec.structs.replace(voucher, code=f"{voucher.code}-{number}", id=UUID(int=voucher.id.int + number))


def _clear(case: WriterCase, voucher: StoreVoucher) -> None:
    assert case.writer.revoke_voucher(voucher)
