"""A history that waits in the console: some of its rows cannot be taken, and a dry run has looked at it."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

from tests.console.shop import Shop
from wafa.imports.prepare import keep_file, propose
from wafa.jobs.imports.trial import try_import
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Program

FILE = """\
Email,Full Name,Points Balance,Expires at
hessa@example.com,حصة الدوسري,"1,250",2099-12-31
behnam@example.com,بهنام راد,۳۴۰,
layla@example.com,Layla Haddad,twelve,
"""


def bring_history(shop: Shop) -> UUID:
    """Keep the file, and try it. Returns the id of the import."""
    program = Program.objects.get(id=shop.program_id)
    proposal = propose(FILE.encode(), "members", program=program, store=None)
    with program_transaction(shop.program_id):
        import_id = keep_file(
            shop.program_id,
            BytesIO(FILE.encode()),
            name="members-of-before.csv",
            kind="members",
            settings=proposal.settings,
            store_id=None,
            by="tests",
            at=datetime.now(UTC),
        )
    try_import(shop.program_id, import_id)
    return import_id
