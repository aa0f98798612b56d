"""What the doctor says."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Finding:
    """One thing looked at: sound, or at fault with what mends it."""

    subject: str
    said: str
    mend: str = ""

    @classmethod
    def sound(cls, subject: str, said: str) -> Self:
        """All is well."""
        return cls(subject, said)

    @classmethod
    def fault(cls, subject: str, said: str, *, mend: str) -> Self:
        """Something is wrong."""
        return cls(subject, said, mend)

    @property
    def is_fault(self) -> bool:
        """Whether something has to be done."""
        return bool(self.mend)
