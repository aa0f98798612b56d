"""Where an outgoing webhook may go: to the public internet, unless the installation says otherwise.

A merchant types the address, so it could point at the inside of the network this runs in. The name is resolved once
and the connection goes to exactly the address that was judged: a name that answers differently later gains nothing.
"""

import ipaddress
import socket

import httpx
from msgspec import Struct

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an address of version 4
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215


class Forbidden(Exception):
    """Nothing may be sent to this address, now or later."""


class Unresolved(Exception):
    """The name has no address at the moment."""


class Destination(Struct, frozen=True):
    """Where to connect, and the name to ask for there."""

    url: httpx.URL
    host: str
    authority: str


def resolve(url: str, *, allow_private: bool) -> Destination:
    """Raises Forbidden for anything but https to a public address (http and private ones where allowed), Unresolved."""
    try:
        asked = httpx.URL(url)
    except httpx.InvalidURL:
        raise Forbidden("the address cannot be read") from None
    if asked.scheme != "https" and not (allow_private and asked.scheme == "http"):
        raise Forbidden("the address must begin with https://")
    if not asked.host or asked.userinfo:
        raise Forbidden("the address must name a host, and no user")
    addresses = _addresses(asked.host, asked.port or (443 if asked.scheme == "https" else 80))
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise Forbidden("the address lies inside a private network")
    return Destination(url=asked.copy_with(host=addresses[0]), host=asked.host, authority=asked.netloc.decode("ascii"))


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Unresolved("the name has no address at the moment") from None
    return [str(entry[4][0]) for entry in found]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address in _LOCAL_NAT64:
            return False
        address = _inner(address) or address
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of version 4 that one of version 6 leads to: that is the one to judge."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
