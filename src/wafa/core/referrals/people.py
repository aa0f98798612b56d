"""Whether two people are one: e-mails as their providers read them, and what else only one person has."""

from wafa.core.referrals.record import Person
from wafa.core.spec import Signal

# Providers that deliver mail for `name+anything` to `name`.
_WITH_TAGS = frozenset(
    {
        "fastmail.com",
        "gmail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "zoho.com",
    }
)
# Those that also pass over these characters in the name.
_PASSED_OVER = {"gmail.com": ".", "pm.me": "._-", "proton.me": "._-", "protonmail.com": "._-"}
_ALSO_CALLED = {"googlemail.com": "gmail.com"}


def canonical_email(email: str) -> str:
    """The e-mail as its provider reads it: `S.A.R.A+shop@GoogleMail.com` is `sara@gmail.com`."""
    name, _, domain = email.strip().lower().rpartition("@")
    domain = _ALSO_CALLED.get(domain, domain)
    if domain in _WITH_TAGS:
        name = name.partition("+")[0]
    for character in _PASSED_OVER.get(domain, ""):
        name = name.replace(character, "")
    name = name.strip()  # What was passed over may have stood before a space.
    return f"{name}@{domain}" if name else email.strip().lower()


def find_likeness(one: Person, other: Person) -> list[Signal]:
    """By what two people seem to be one."""
    kinds = {fingerprint.partition(":")[0] for fingerprint in one.fingerprints & other.fingerprints}
    found: dict[Signal, bool] = {
        "same_email": not one.emails.isdisjoint(other.emails),
        "same_phone": not one.phones.isdisjoint(other.phones),
        "same_address": "address" in kinds,
        "same_device": "device" in kinds,
        "same_payment": "payment" in kinds,
    }
    return [signal for signal, is_found in found.items() if is_found]
