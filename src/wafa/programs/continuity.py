"""What no version may change: in what the books of a program count, since what members have was granted in it."""

from collections.abc import Iterator

from wafa.core.spec import ProgramSpec
from wafa.programs.models import Program, Version


def find_breaks(program: Program, spec: ProgramSpec) -> list[str]:
    """What a document would turn into something else, with its path; empty where the books can go on.

    The program's transaction is open.
    """
    return list(_find_breaks(program, spec))


def _find_breaks(program: Program, spec: ProgramSpec) -> Iterator[str]:
    if spec.currency != program.currency:
        yield (
            f"currency: expected {program.currency}, in which this program counts money, got {spec.currency};"
            " another currency needs a program of its own"
        )
    published = Version.objects.filter(program_id=program.id, withdrawn_at=None).order_by("number")
    kinds = {unit["code"]: unit["kind"] for units in published.values_list("spec__units", flat=True) for unit in units}
    for place, unit in enumerate(spec.units):
        if (kind := kinds.get(unit.code, unit.kind)) != unit.kind:
            yield (
                f"units.{place}.kind: expected {kind}, as which members have {unit.code}, got {unit.kind};"
                " another kind needs a code of its own"
            )
