"""What a new version of a program changes, in sentences."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from wafa.core.compare import ORDER_PAID
from wafa.core.differences import Difference, Path, find_differences
from wafa.core.spec import ByTier, EarningRule, PerAmount, Percent, ProgramSpec, Unit
from wafa.kit.formats import Formats
from wafa.reports.phrases import Phrase, name_of, say
from wafa.reports.summary import DocumentTeller

# What the sentences of the summary say whole. For the rest they point at the document, and so its words are told.
_IN_SENTENCES = {
    "units": {"kind", "maturity", "expiry", "face_value", "clawback"},
    "earning": {"award", "basis", "minimum_minor", "most_units", "limits", "budget"},
}
_OF_JOINING = ("joining", "guests", "suspended")


def tell_changes(before: ProgramSpec, after: ProgramSpec, formats: Formats) -> list[Phrase]:
    """A sentence for each thing that `after` says otherwise than `before`; none where both decide alike."""
    teller = _ChangeTeller(before, after, formats)
    found = find_differences(before, after)
    groups = groupby(found, lambda difference: teller.part_of(difference.path))
    return [sentence for part, group in groups for sentence in teller.tell(part, list(group))]


class _ChangeTeller:
    """Tells how one document differs from another, part by part."""

    def __init__(self, before: ProgramSpec, after: ProgramSpec, formats: Formats) -> None:
        self._before, self._after, self._formats = before, after, formats
        self._had, self._has = DocumentTeller(before, formats), DocumentTeller(after, formats)

    def part_of(self, path: Path) -> Path:
        """The path to the named part that a place belongs to; empty for what is said of the program itself."""
        collections = (collection for collection in _kinds_of_parts() if path[: len(collection)] == collection)
        return next((path[: len(each) + 1] for each in collections if len(path) > len(each)), ())

    def tell(self, part: Path, differences: Sequence[Difference]) -> list[Phrase]:
        if not part:
            return self._tell_program(differences)
        had, has = (_find_part(spec, part) for spec in (self._before, self._after))
        name = self._name(part, has or had)
        if had is None or has is None:
            return [say(_("{part} is new.") if had is None else _("{part} is gone."), part=name)]
        told, left = _split(differences, _IN_SENTENCES.get(part[0], ()), at=len(part))
        sentences = self._tell_part(name, had, has) if told else []
        return sentences + [_tell_place(name, ".".join(each.path[len(part) :]), each) for each in left]

    def _tell_program(self, differences: Sequence[Difference]) -> list[Phrase]:
        told, left = _split(differences, _OF_JOINING, at=0)
        sentences = _tell_sentences(say(_("Joining")), self._had.tell_joining(), self._has.tell_joining())
        program = say(_("The program"))
        return (sentences if told else []) + [_tell_place(program, ".".join(each.path), each) for each in left]

    def _tell_part(self, name: Phrase, had: Any, has: Any) -> list[Phrase]:
        """What the summary says otherwise of a unit or a rule."""
        if isinstance(had, Unit):
            return _tell_sentences(name, self._had.tell_unit(had), self._has.tell_unit(has))
        before, after = self._had.tell_rule(had), self._has.tell_rule(has)
        award = self._tell_award(name, had, has)
        if award is None:
            return _tell_sentences(name, before, after)
        award_before, award_after = self._had.tell_awards(had), self._has.tell_awards(has)
        without = (
            [each for each in before if each not in award_before],
            [each for each in after if each not in award_after],
        )
        return [award, *_tell_sentences(name, *without)]

    def _tell_award(self, name: Phrase, had: EarningRule, has: EarningRule) -> Phrase | None:
        """The same award with another number in one sentence; None for any other change of it."""
        if had.trigger != ORDER_PAID or has.trigger != ORDER_PAID:
            return None
        old, new = had.award, has.award
        if isinstance(old, Percent) and isinstance(new, Percent):
            shares = [self._formats.percent(award.basis_points, decimals=2) for award in (old, new)]
            sentence = _("{part} gives {after} of what counts instead of {before}.")
            return say(sentence, part=name, before=shares[0], after=shares[1]) if shares[0] != shares[1] else None
        if isinstance(old, Percent | ByTier) or isinstance(new, Percent | ByTier) or old == new:
            return None
        if old.model_copy(update={"units": new.units}) != new:
            return None
        unit = next(unit for unit in self._after.units if unit.code == has.unit)
        amounts = [self._formats.units(award.units, unit, currency=self._after.currency) for award in (old, new)]
        values: dict[str, Any] = {"part": name, "before": amounts[0], "after": amounts[1]}
        if not isinstance(new, PerAmount):
            return say(
                {
                    "fixed": _("{part} gives {after} for an order instead of {before}."),
                    "per_item": _("{part} gives {after} for every line that counts instead of {before}."),
                    "per_quantity": _("{part} gives {after} for every piece that counts instead of {before}."),
                }[new.kind],
                **values,
            )
        step = self._formats.money(new.per_minor, self._after.currency)
        if new.mode == "step":
            return say(_("{part} gives {after} for every full {step} instead of {before}."), step=step, **values)
        return say(_("{part} gives {after} for every {step} instead of {before}."), step=step, **values)

    def _name(self, part: Path, found: Any) -> Phrase:
        """A part by the name it has for readers."""
        name = name_of(found.name, self._formats.locale)
        return say(_kinds_of_parts()[part[:-1]], name=name if isinstance(name, str) else name.other)


def _kinds_of_parts() -> dict[Path, str]:
    """The collections of named parts, and what one of each is called."""
    return {
        ("units",): _("Unit “{name}”"),
        ("activities",): _("Activity “{name}”"),
        ("partners",): _("Partner “{name}”"),
        ("earning",): _("Rule “{name}”"),
        ("accelerators",): _("Accelerator “{name}”"),
        ("tiers", "ladder"): _("Tier “{name}”"),
        ("segments",): _("Segment “{name}”"),
        ("profile", "fields"): _("Question “{name}”"),
        ("rewards",): _("Reward “{name}”"),
        ("conversions",): _("Conversion “{name}”"),
        ("coupons", "campaigns"): _("Campaign “{name}”"),
    }


def _find_part(spec: ProgramSpec, path: Path) -> Any:
    """The part with this code or id, or None."""
    *collection, name = path
    parts: Any = spec
    for field in collection:
        parts = getattr(parts, field, None) or ()
    return next((part for part in parts if name in (getattr(part, "id", None), getattr(part, "code", None))), None)


def _split(
    differences: Sequence[Difference], fields: Iterable[str], *, at: int
) -> tuple[list[Difference], list[Difference]]:
    """Those in one of `fields`, the name at place `at` of the path, and the others."""
    told = [each for each in differences if each.path[at : at + 1] and each.path[at] in fields]
    return told, [each for each in differences if each not in told]


def _tell_sentences(part: Phrase, before: Sequence[Phrase], after: Sequence[Phrase]) -> list[Phrase]:
    """What is said otherwise: sentences that came for sentences that went, in their order."""
    lost = [each for each in before if each not in after]
    gained = [each for each in after if each not in before]
    instead = _("{part}: “{after}” instead of “{before}”")
    told = [say(instead, part=part, before=old, after=new) for old, new in zip(lost, gained, strict=False)]
    told += [say(_("{part}: no longer “{before}”"), part=part, before=old) for old in lost[len(gained) :]]
    return told + [say(_("{part}: now “{after}”"), part=part, after=new) for new in gained[len(lost) :]]


def _tell_place(part: Phrase, place: str, difference: Difference) -> Phrase:
    """A place of the document by its own words. Of a whole section it is enough that it came, or went."""
    if difference.before is None and isinstance(difference.after, dict):
        return say(_("{part}: {place} is new; the document says what it holds."), part=part, place=place)
    if difference.after is None and isinstance(difference.before, dict):
        return say(_("{part}: {place} is gone."), part=part, place=place)
    before, after = _write(difference.before), _write(difference.after)
    if isinstance(difference.before, list) and isinstance(difference.after, list):
        if not difference.before:
            return say(_("{part}: {place} also has {after}."), part=part, place=place, after=after)
        if not difference.after:
            return say(_("{part}: {place} no longer has {before}."), part=part, place=place, before=before)
    if difference.before is None:
        return say(_("{part}: {place} is {after}; there was nothing before."), part=part, place=place, after=after)
    if difference.after is None:
        return say(_("{part}: {place} is gone; it was {before}."), part=part, place=place, before=before)
    sentence = _("{part}: {place} is {after} instead of {before}.")
    return say(sentence, part=part, place=place, before=before, after=after)


def _write(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
