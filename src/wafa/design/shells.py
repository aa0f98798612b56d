"""What the frames of a page need to know: the console's navigation, the member's program."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page of the console; `count` is shown beside the name when it asks for attention."""

    name: str
    url: str
    icon: str
    current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Items under one heading; the first group has none."""

    name: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class ConsoleShell:
    """The frame of every console page. `brand` is the merchant's colour (#rrggbb), ours where empty."""

    program_name: str
    live: bool
    groups: tuple[NavGroup, ...]
    home_url: str = "/"
    account: str = ""
    sign_out_url: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class MemberShell:
    """The frame of a member's page, in the merchant's colour."""

    program_name: str
    brand: str = ""
