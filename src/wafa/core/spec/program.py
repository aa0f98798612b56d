"""The document as a whole, its versions, and the faults of a document that is no program."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, ValidationError, field_validator, model_validator

from wafa.core.calendars import Calendar, Reckoning
from wafa.core.money import MoneyError, parse_rate
from wafa.core.spec.accelerators import Accelerator, Bonus, Stacking
from wafa.core.spec.activities import FOUND, KINDS, PROFILE_COMPLETED, CustomActivity, Properties
from wafa.core.spec.celebrations import Celebrations
from wafa.core.spec.conditions import is_about_member
from wafa.core.spec.conversions import Conversion, check_conversions
from wafa.core.spec.coupons import Campaign, Coupons, check_coupons
from wafa.core.spec.earning import EarningRule
from wafa.core.spec.faults import Fault, explain, none_of
from wafa.core.spec.members import ProfileIs
from wafa.core.spec.nesting import walk
from wafa.core.spec.partners import Partner, check_partners
from wafa.core.spec.parts import Currency, Misfit, Names, Part, Whole
from wafa.core.spec.profile import MemberProfile, check_asked, check_profile
from wafa.core.spec.referral import Referrals, check_referral
from wafa.core.spec.rewards import Goodwill, Reward, check_goodwill, check_rewards
from wafa.core.spec.segments import RfmScale, Segment, check_named, check_segments
from wafa.core.spec.terms import Terms
from wafa.core.spec.tiers import Tiers, check_tiers
from wafa.core.spec.triggers import check_accelerator, check_rule
from wafa.core.spec.units import ExpireAfterMonths, ExpireAtEndOf, Unit


class Guests(Part):
    """What a guest earns waits this long for them to join."""

    claim_days: Annotated[Whole, Field(ge=1, le=3_650)] = 90


class ProgramSpec(Part):
    """One version of a program. `rates` are prices of one unit of a store's currency in the program's.

    `calendar` is that of periods and windows which name none. `hijri_correction` moves the beginning of every Hijri
    month by so many days against Umm al-Qura: 1 where the crescent was seen a day later. Members whom staff suspended
    use nothing of what they have; whether what they do earns is `suspended`. `terms` are agreed to by joining, where a
    store account does not join by itself. `profile` is what members are asked about themselves.
    """

    format: Literal["wafa.program/1"] = "wafa.program/1"
    name: Names
    currency: Currency
    time_zone: str = "UTC"
    calendar: Calendar = "gregorian"
    hijri_correction: Annotated[Whole, Field(ge=-1, le=1)] = 0
    rates: dict[Currency, str] = Field(default={})
    units: Annotated[tuple[Unit, ...], Field(json_schema_extra={"minItems": 1})]
    activities: tuple[CustomActivity, ...] = ()
    earning: tuple[EarningRule, ...] = ()
    accelerators: tuple[Accelerator, ...] = ()
    stacking: Stacking = "add"
    tiers: Tiers | None = None
    rfm: RfmScale | None = None
    segments: tuple[Segment, ...] = ()
    rewards: tuple[Reward, ...] = ()
    coupons: Coupons = Coupons()
    celebrations: Celebrations = Celebrations()
    goodwill: tuple[Goodwill, ...] = ()
    partners: tuple[Partner, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    referral: Referrals | None = None
    joining: Literal["automatic", "opt_in"] = "automatic"
    guests: Guests | None = Guests()
    suspended: Literal["earn", "do_not_earn"] = "earn"
    terms: Terms | None = None
    profile: MemberProfile = MemberProfile()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Misfit("", "expected an IANA time zone such as 'Asia/Riyadh'") from error
        return value

    @field_validator("units")
    @classmethod
    def _something_to_count(cls, value: tuple[Unit, ...]) -> tuple[Unit, ...]:
        # Not by the field's length: that would count units which are at fault themselves as missing.
        if not value:
            raise Misfit("", "expected at least one unit")
        return value

    @field_validator("rates")
    @classmethod
    def _exact_rates(cls, value: dict[str, str]) -> dict[str, str]:
        for currency, rate in value.items():
            try:
                parse_rate(rate)
            except MoneyError as error:
                raise Misfit(currency, str(error)) from error
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [unit.code for unit in self.units]
        if len(set(codes)) != len(codes):
            raise Misfit("units", "each code may be used once")
        rules = [rule.id for rule in self.earning]
        if len(set(rules)) != len(rules):
            raise Misfit("earning", "each id may be used once")
        ids = [*rules, *(accelerator.id for accelerator in self.accelerators)]
        if len(set(ids)) != len(ids):
            raise Misfit("accelerators", "each id may be used once, by a rule or an accelerator")
        if len(self.kinds) != len(KINDS) + len(self.activities):
            raise Misfit("activities", "each id may be used once")
        for place, rule in enumerate(self.earning):
            check_rule(rule, self.kinds, path=f"earning.{place}")
            if rule.unit not in codes:
                raise Misfit(f"earning.{place}.unit", none_of(rule.unit, "units", codes))
        by_id = {rule.id: rule for rule in self.earning}
        for place, accelerator in enumerate(self.accelerators):
            _check_targets(accelerator, rules, path=f"accelerators.{place}.rules")
            check_accelerator(accelerator, by_id, self.kinds, path=f"accelerators.{place}")
        check_tiers(
            self.tiers,
            self.earning,
            self.accelerators,
            self.rewards,
            self.coupons.campaigns,
            self.segments,
            units=codes,
        )
        check_rewards(self.rewards, self.units, taken=ids)
        check_coupons(self.coupons, self.units, taken=[*ids, *(reward.id for reward in self.rewards)])
        check_goodwill(self.goodwill, self.units)
        check_partners(self.partners, self.earning, self.rewards, units=codes)
        check_referral(self.referral, self.units, self.rewards)
        check_conversions(self.conversions, self.units, taken=[*ids, *(reward.id for reward in self.rewards)])
        return self

    @model_validator(mode="after")
    def _has_what_it_asks_of_members(self) -> Self:
        check_segments(self.segments, self.rfm)
        check_profile(self.profile)
        segments = [segment.id for segment in self.segments]
        for path, part in self._parts_with_conditions():
            check_asked(part.conditions, self.profile, path=f"{path}.conditions")
            if not isinstance(part, Segment):
                check_named(part.conditions, segments, path=f"{path}.conditions")
        return self

    def _parts_with_conditions(self) -> Iterator[tuple[str, EarningRule | Accelerator | Reward | Campaign | Segment]]:
        """Everything that may ask who a member is, with its path."""
        collections: Mapping[str, Iterable[EarningRule | Accelerator | Reward | Campaign | Segment]] = {
            "earning": self.earning,
            "accelerators": self.accelerators,
            "rewards": self.rewards,
            "coupons.campaigns": self.coupons.campaigns,
            "segments": self.segments,
        }
        for name, parts in collections.items():
            for place, part in enumerate(parts):
                yield f"{name}.{place}", part

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of its days and hours."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def reckonings(self) -> Mapping[Calendar | None, Reckoning]:
        """How it counts the days of each calendar, and (None) of its own."""
        named: dict[Calendar | None, Calendar] = {None: self.calendar, **{each: each for each in get_args(Calendar)}}
        return {name: Reckoning(calendar, self.hijri_correction) for name, calendar in named.items()}

    @cached_property
    def hijri_units(self) -> tuple[Unit, ...]:
        """The units whose end is looked up in tables of the Hijri calendar, which end some day."""
        ends = [(unit, unit.expiry) for unit in self.units]
        by_month = [(unit, end) for unit, end in ends if isinstance(end, ExpireAfterMonths | ExpireAtEndOf)]
        return tuple(unit for unit, end in by_month if self.reckonings[end.calendar].calendar == "hijri")

    @property
    def scheduled(self) -> tuple[EarningRule | Accelerator | Reward | Campaign, ...]:
        """Everything that may be open for a time only."""
        return (*self.earning, *self.accelerators, *self.rewards, *self.coupons.campaigns)

    @cached_property
    def asks_about_members(self) -> bool:
        """Whether anything that it grants depends on who the member is, or on what they did before."""
        if self.guests is None:
            return True
        rules: tuple[EarningRule | Accelerator, ...] = (*self.earning, *self.accelerators)
        return any(is_about_member(condition) for part in rules for _, condition in walk(part.conditions, ""))

    @cached_property
    def compared_fields(self) -> frozenset[str]:
        """The fields of the profile of which anything asks more than whether they were told."""
        asked = (condition for _, part in self._parts_with_conditions() for _, condition in walk(part.conditions, ""))
        return frozenset(condition.field for condition in asked if isinstance(condition, ProfileIs))

    @cached_property
    def found(self) -> frozenset[str]:
        """The kinds of activity that it finds by itself, and no store can tell."""
        return FOUND | {PROFILE_COMPLETED} if self.profile.needed else FOUND

    @cached_property
    def kinds(self) -> Mapping[str, Properties]:
        """Every kind of activity that the program knows, with its properties."""
        return {**KINDS, **{each.kind: each.properties for each in self.activities}}

    @cached_property
    def earning_by_trigger(self) -> Mapping[str, tuple[EarningRule, ...]]:
        """The rules of each trigger that has some, in the document's order."""
        triggers = dict.fromkeys(rule.trigger for rule in self.earning)
        return {trigger: tuple(rule for rule in self.earning if rule.trigger == trigger) for trigger in triggers}

    @cached_property
    def partner_by_store(self) -> Mapping[str, Partner]:
        """Whose stores are not the program's own, by their codes."""
        return {store: partner for partner in self.partners for store in partner.stores}

    @cached_property
    def partner_by_id(self) -> Mapping[str, Partner]:
        return {partner.id: partner for partner in self.partners}

    @cached_property
    def accelerators_of(self) -> Mapping[str, tuple[Accelerator, ...]]:
        """The accelerators of each rule that has some, in the order in which they are applied."""
        targets = dict.fromkeys(rule for accelerator in self.accelerators for rule in accelerator.rules)
        return {rule: tuple(each for each in self.accelerators if rule in each.rules) for rule in targets}


def _check_targets(accelerator: Accelerator, rules: list[str], *, path: str) -> None:
    for at, rule in enumerate(accelerator.rules):
        if rule not in rules:
            raise Misfit(f"{path}.{at}", none_of(rule, "rules", rules))
    if len(set(accelerator.rules)) != len(accelerator.rules):
        raise Misfit(path, "each rule may be named once")
    if isinstance(accelerator.gives, Bonus) and len(accelerator.rules) > 1:
        raise Misfit(path, "expected one rule: by each of them the bonus would be paid again")


def read_spec(document: object) -> ProgramSpec:
    """Validate a document (parsed JSON or YAML). Raises Fault with the path of every fault."""
    try:
        return ProgramSpec.model_validate(document)
    except ValidationError as error:
        raise Fault([explain(fault, ProgramSpec) for fault in error.errors()]) from error


class Version(Part):
    """A published version and since when it decides (UTC); one that was withdrawn before then never does."""

    number: Annotated[Whole, Field(ge=1)]
    effective_from: AwareDatetime
    spec: ProgramSpec
    is_withdrawn: bool = False

    @field_validator("effective_from")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        return value.astimezone(UTC)
