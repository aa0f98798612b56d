"""Possible duplicates in the console: seen side by side, merged in a click and a reason, or left two."""

from uuid import UUID

import pytest

from tests.console.reading import content_of, words_in
from tests.console.shop import Shop
from tests.storefront.coffee import on
from wafa.core.snapshots import CustomerRef, CustomerSnapshot
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member, MemberState

pytestmark = pytest.mark.django_db


class AlikeShop(Shop):
    """Omar's account says Noura's e-mail."""

    def __init__(self) -> None:
        super().__init__()
        both = CustomerRef(external_id="c2", email="noura@example.com")
        self.take(CustomerSnapshot(customer=both, created_at=on(1), as_of=on(22)), at=on(22))
        self.noura, self.omar = self.member("c1"), self.member("c2")

    def state(self, member_id: UUID) -> str:
        with program_transaction(self.program_id):
            return Member.objects.get(program_id=self.program_id, id=member_id).state


@pytest.fixture(scope="module")
def shop(module_db: None) -> AlikeShop:
    return AlikeShop()


def test_a_pair_is_merged_and_the_merge_undone(shop: AlikeShop) -> None:
    client = shop.employ()
    assert "Possible duplicates 1" in words_in(client.get(f"{shop.console}members/").content.decode())
    page = content_of(client.get(f"{shop.console}members/alike/"))
    assert "Noura Alharbi" in page
    assert "They share: E-mail" in page

    address = f"{shop.console}members/{shop.noura}/merge/?other={shop.omar}"
    assert f'href="{address}"' in client.get(f"{shop.console}members/alike/").content.decode()
    assert str(shop.omar) in client.get(address).content.decode()
    done = client.post(address, {"other": str(shop.omar), "reason": "One person"}, follow=True)
    assert "The two are one member now." in content_of(done)
    assert "Merged into this member" in content_of(done)
    assert shop.state(shop.omar) == MemberState.MERGED
    assert "No duplicates" in content_of(client.get(f"{shop.console}members/alike/"))

    old = f"{shop.console}members/{shop.omar}/"
    assert "This is a name of another member" in content_of(client.get(old))
    assert "Memberships put together" in content_of(client.get(old))
    undone = client.post(f"{old}undo-merge/", follow=True)
    assert "The two are members of their own again." in content_of(undone)
    assert shop.state(shop.omar) == MemberState.MEMBER


def test_a_pair_is_left_two(shop: AlikeShop) -> None:
    client = shop.employ()
    path = f"{shop.console}members/alike/{shop.noura}/{shop.omar}/dismiss/"
    assert shop.employ("viewer@example.com", "viewer").post(path).status_code == 403
    assert "They stay two members." in content_of(client.post(path, follow=True))
    assert "Somebody was there first." in content_of(client.post(path, follow=True))
    assert "No duplicates" in content_of(client.get(f"{shop.console}members/alike/"))


@pytest.mark.parametrize("other", ["nobody@example.com", "", "itself"])
def test_what_cannot_be_merged_is_said(shop: AlikeShop, other: str) -> None:
    client = shop.employ()
    typed = str(shop.noura) if other == "itself" else other
    page = client.post(f"{shop.console}members/{shop.noura}/merge/", {"other": typed, "reason": "x"})
    assert page.status_code == 409
    assert "Nothing was changed." in words_in(page.content.decode())
    assert shop.state(shop.noura) == MemberState.MEMBER
