"""How birthdays and membership anniversaries are celebrated."""

from typing import Annotated, Literal

from pydantic import Field

from wafa.core.spec.parts import Part, Whole


class Celebrations(Part):
    """A birthday told less than `lead_days` before it comes is not celebrated before the next year.

    A day that the month does not have this year (29 February, 30 Ramadan, 30 Esfand) is celebrated on the `day_before`,
    the last of the month, or on the `day_after`, the first of the next.
    """

    lead_days: Annotated[Whole, Field(ge=0, le=366)] = 30
    missing_day: Literal["day_before", "day_after"] = "day_before"
