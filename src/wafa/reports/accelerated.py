"""Telling what accelerators added to a grant, one by one, and what was cut off it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from wafa.core.why import Acceleration, AccrualWhy
from wafa.kit.formats import Amount
from wafa.reports.limits import count_limited, tell_limited
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Term, Voice, show


def granted_alone(why: AccrualWhy) -> int:
    """What the rule grants without accelerators and before anything is cut off."""
    return _before_limits(why) + why.capped if why.base_units is None else why.base_units


def _before_limits(why: AccrualWhy) -> int:
    """What one order earns by the rule, before limits and its budget are looked at."""
    return why.units + (why.limited.withheld if why.limited else 0)


def tell_accelerations(why: AccrualWhy, voice: Voice) -> list[Phrase]:
    """A sentence for each accelerator, and what all of it makes."""
    sentences = [_tell_acceleration(step, voice) for step in why.accelerations]
    if why.capped:
        most = _("One order earns at most {most} by this rule; what is above it, {capped}, is not granted.")
        sentences.append(say(most, most=voice.units(_before_limits(why)), capped=voice.units(why.capped)))
    elif sentences:
        sentences.append(say(_("Together this makes {units}."), units=voice.units(_before_limits(why))))
    return [*sentences, *tell_limited(why.limited, voice)]


def _tell_acceleration(step: Acceleration, voice: Voice) -> Phrase:
    name, units = _name_of(step, voice), voice.units(step.units)
    if step.multiplier is None:
        return say(_("{accelerator} adds {units}."), accelerator=name, units=units)
    of_money = _("{accelerator} counts {part} of it {times} times, which adds {units}.")
    of_many = _("{accelerator} counts {part} of them {times} times, which adds {units}.")
    sentence = of_many if step.part_minor is None else of_money
    return say(sentence, accelerator=name, part=_part_of(step, voice), times=_times(step, voice), units=units)


def accelerate_award(why: AccrualWhy, voice: Voice) -> list[Term]:
    """From what the rule alone grants to what was granted."""
    if not why.accelerations and not why.capped and not why.limited:
        return []
    terms = [Term(_name_step(step, voice), show(voice.units(step.units, signed=True))) for step in why.accelerations]
    if why.capped:
        terms.append(Term(say(_("Above the most for one order")), show(voice.units(-why.capped, signed=True))))
    terms += count_limited(why.limited, voice)
    return [*terms, voice.term(_("Granted in all"), why.units, is_result=True)]


def _name_step(step: Acceleration, voice: Voice) -> Phrase:
    name = _name_of(step, voice)
    if step.multiplier is None:
        return say("{accelerator}", accelerator=name)
    told = _("{accelerator}: {times} times on {part}")
    return say(told, accelerator=name, times=_times(step, voice), part=_part_of(step, voice))


def _name_of(step: Acceleration, voice: Voice) -> str:
    return voice.accelerators.get(step.accelerator, step.accelerator)


def _times(step: Acceleration, voice: Voice) -> str:
    return voice.formats.number(Decimal(step.multiplier or "1"))


def _part_of(step: Acceleration, voice: Voice) -> str | Amount:
    """The part of what counted: money, or a number of the lines or pieces."""
    if step.part_minor is None:
        return voice.formats.number(step.part_count or 0)
    return voice.money(step.part_minor)
