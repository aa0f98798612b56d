"""Each way of breaking the shape is tried on a copy of the sources and caught by the check that `make check` runs."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# `make check` looks at the sources as they are; here the checks themselves are tried.
pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent.parent
CHECKS = {
    "imports": ["lint-imports", "--no-cache"],
    "shape": ["python", "-m", "tests.shape.rules", "src/wafa"],
    "lint": ["ruff", "check", "--no-cache", "src"],
    "migrations": ["python", "-m", "wafa.jobs.cli", "django", "makemigrations", "--check", "--dry-run"],
}


@dataclass(frozen=True)
class Violation:
    """What is added to a file (made if it is missing), which check must fail, and what it must say."""

    name: str
    file: str
    code: str
    check: str
    said: str


VIOLATIONS = [
    Violation(
        "an import upwards",
        "kit/upwards.py",
        "import wafa.flows.accrue_activities",
        "imports",
        "wafa.kit is not allowed to import wafa.flows",
    ),
    Violation(
        "an import sideways",
        "jobs/sideways.py",
        "import wafa.api.keys",
        "imports",
        "wafa.jobs is not allowed to import wafa.api",
    ),
    Violation("a room nobody placed", "shop/__init__.py", "", "imports", "wafa.shop"),
    Violation(
        "Django in the core",
        "core/impure.py",
        "from django.db import models",
        "imports",
        "wafa.core is not allowed to import django",
    ),
    Violation(
        "a stranger at the books",
        "api/books.py",
        "from wafa.ledger.models import Posting",
        "imports",
        "The books are the ledger's own BROKEN",
    ),
    Violation(
        "a door that posts",
        "api/posts.py",
        "import wafa.ledger.operations",
        "imports",
        "Only flows post to the books BROKEN",
    ),
    Violation(
        "a flow that opens a transaction",
        "flows/opens.py",
        "from wafa.kit.transactions import program_transaction",
        "imports",
        "Doors open transactions BROKEN",
    ),
    Violation(
        "a plug that knows another",
        "connectors/stores/direct/borrowed.py",
        "import wafa.connectors.stores.woocommerce",
        "imports",
        "No plug knows another BROKEN",
    ),
    Violation(
        "the network inside a transaction",
        "flows/calls.py",
        "import httpx",
        "imports",
        "wafa.flows is not allowed to import httpx",
    ),
    Violation(
        "the network beside the rewards",
        "rewards/calls.py",
        "import httpx",
        "imports",
        "wafa.rewards is not allowed to import httpx",
    ),
    Violation(
        "coupons that open a transaction",
        "coupons/opens.py",
        "from wafa.kit.transactions import program_transaction",
        "imports",
        "Doors open transactions BROKEN",
    ),
    Violation(
        "mail beside the referrals",
        "referrals/mails.py",
        "from django.core.mail import send_mail",
        "shape",
        "referrals/mails.py:1: mail is sent from the outbox",
    ),
    Violation(
        "mail inside a transaction",
        "flows/mails.py",
        "from django.core.mail import send_mail",
        "shape",
        "flows/mails.py:1: mail is sent from the outbox",
    ),
    Violation(
        "another package in the core",
        "core/impure.py",
        "from wafa.kit.ids import new_id",
        "shape",
        "core/impure.py:1: the core is pure and may not import wafa.kit.ids.new_id",
    ),
    Violation(
        "the clock in the core",
        "core/hasty.py",
        "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)",
        "shape",
        "core/hasty.py:3: datetime.now reads the clock",
    ),
    Violation(
        "the clock in a flow",
        "flows/hasty.py",
        "from django.utils import timezone\n\nstarted = timezone.now",
        "shape",
        "flows/hasty.py:3: timezone.now reads the clock",
    ),
    Violation(
        "the database's clock",
        "ledger/hasty.py",
        'SQL = "UPDATE ledger_lot SET due_at = now() WHERE program_id = %s"',
        "shape",
        "ledger/hasty.py:1: this SQL reads the clock",
    ),
    Violation(
        "a fraction of a point",
        "core/inexact.py",
        "RATE = 1.5",
        "shape",
        "core/inexact.py:1: a float where value is counted",
    ),
    Violation(
        "a signal",
        "members/signals.py",
        "from django.db.models.signals import post_save",
        "shape",
        "members/signals.py:1: no signals",
    ),
    Violation(
        "a save that does more",
        "members/models.py",
        "class Loud(OfProgram):\n    def save(self, *args, **kwargs):\n        pass",
        "shape",
        "Loud overrides save()",
    ),
    Violation(
        "a foreign key to a text",
        "members/models.py",
        'LINK = models.ForeignKey("programs.Program", on_delete=models.PROTECT)',
        "shape",
        "a foreign key to the text 'programs.Program'",
    ),
    Violation(
        "a trigger",
        "ledger/migrations/9999_trigger.py",
        'SQL = "create trigger keep before update on ledger_posting execute function refuse()"',
        "shape",
        "9999_trigger.py:1: no triggers",
    ),
    Violation(
        "a drawer for anything",
        "flows/utils.py",
        "",
        "shape",
        "flows/utils.py:1: a file named 'utils' says nothing",
    ),
    Violation(
        "a room without its ten lines",
        "gifts/__init__.py",
        "",
        "shape",
        "gifts:1: a room without README.md",
    ),
    Violation(
        "a query without its program",
        "programs/careless.py",
        "from wafa.programs.models import Store\n\nSTORES = Store.objects.filter(is_active=True).order_by('id')",
        "shape",
        "programs/careless.py:3: this query of Store does not name its program",
    ),
    Violation(
        "SQL without its program",
        "ledger/careless.py",
        'TABLE = "x"\nSQL = f"SELECT {TABLE} FROM ledger_posting WHERE amount > 5"',
        "shape",
        "ledger/careless.py:2: this SQL on ledger_posting does not name its program_id",
    ),
    Violation(
        "a time without a zone",
        "flows/naive.py",
        "import datetime\n\nX = datetime.datetime(2026, 1, 1)",
        "lint",
        "DTZ001",
    ),
    Violation("a relative import", "flows/near.py", "from . import accrue_activities", "lint", "TID252"),
    Violation(
        "a table without its migration",
        "members/models.py",
        "class Forgotten(OfProgram):\n    name = models.TextField()",
        "migrations",
        "Create model Forgotten",
    ),
]


def run_check(check: str, copy: Path) -> "subprocess.CompletedProcess[str]":
    """Run a check as make does, on a copy of the repository."""
    program, *arguments = CHECKS[check]
    environment = {
        "PYTHONPATH": f"{copy / 'src'}:{copy}",
        "COLUMNS": "200",
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "wafa.config.settings",
    }
    return subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=copy,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources and of what checks them."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    without_caches = shutil.ignore_patterns("__pycache__", "static", "locale")
    shutil.copytree(REPOSITORY / "src", tmp_path / "src", ignore=without_caches)
    shutil.copytree(REPOSITORY / "tests" / "shape", tmp_path / "tests" / "shape", ignore=without_caches)
    (tmp_path / "tests" / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize("check", CHECKS)
def test_the_sources_as_they_are_pass(check: str, copy: Path) -> None:
    result = run_check(check, copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation.name)
def test_a_violation_is_caught(violation: Violation, copy: Path) -> None:
    file = copy / "src" / "wafa" / violation.file
    file.parent.mkdir(exist_ok=True)
    before = file.read_text("utf-8") if file.exists() else ""
    file.write_text(f"{before}\n\n{violation.code}\n" if before else f"{violation.code}\n", "utf-8")
    result = run_check(violation.check, copy)
    assert result.returncode != 0, "nothing was caught"
    assert violation.said in " ".join(result.stdout.split()) + result.stdout


def test_a_query_that_names_its_program_is_let_through(copy: Path) -> None:
    (copy / "src/wafa/programs/careful.py").write_text(
        "from wafa.programs.models import Program, Store\n\n\n"
        "def ask(program_id: object) -> object:\n"
        "    Store.objects.bulk_create([Store(program_id=program_id)])\n"
        "    Program.objects.filter(slug='rose').first()\n"
        "    Store.objects.order_by('id').filter(program_id=program_id).first()\n"
        "    return 'SELECT 1 FROM programs_store WHERE program_id = %s'\n\n\n"
        "OURS = 'program_id = %(program)s'\n"
        "ASK = f'SELECT 1 FROM programs_store WHERE {OURS}'\n"
    )
    result = run_check("shape", copy)
    assert "careful.py" not in result.stdout
