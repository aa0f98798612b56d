"""How the pages of a program write values for a reader."""

from wafa.kit.formats import Formats
from wafa.programs.models import Program


def formats_for(program: Program, language: str) -> Formats:
    """The program's calendar and time zone, in the reader's language.

    A program asks for Latin figures or for those of the script, and each script has its own: an Arabic program's
    figures are Persian to a reader of Persian and Latin to one of English.
    """
    return Formats.usual(
        language,
        time_zone=program.time_zone,
        digits="latin" if program.digits == "latin" else None,
        calendar=program.calendar,  # type: ignore[arg-type]  # create_program lets in no other
    )
