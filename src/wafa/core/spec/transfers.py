"""Whether members may give units to each other, and how many."""

from typing import Self

from pydantic import model_validator

from wafa.core.spec.limits import AllTime, Within
from wafa.core.spec.parts import Misfit, Part, Positive


class Transfers(Part):
    """A member gives at least `least` units at a time, and at most `most` within a period of the program's time zone.

    Only what is available can be given. It keeps the date on which it ends.
    """

    least: Positive = 1
    most: Positive | None = None
    within: Within = AllTime()

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if self.most is not None and self.most < self.least:
            raise Misfit("most", f"expected at least {self.least}, which is the least of one transfer")
        return self
