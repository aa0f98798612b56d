"""Every table of a program keeps the rules that let its rows live on one shard; each rule is shown to bite."""

from typing import Any

import psycopg
import pytest

from tests.shape.catalog import find_faults, list_program_tables

GOOD = """
    CREATE TABLE probe (
        program_id uuid NOT NULL, id uuid NOT NULL, name text, at timestamptz, PRIMARY KEY (program_id, id)
    );
    ALTER TABLE probe ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY programs ON probe
        USING (program_id = nullif(current_setting('wafa.program_id', true), '')::uuid)
        WITH CHECK (program_id = nullif(current_setting('wafa.program_id', true), '')::uuid);
"""


def test_every_table_keeps_every_rule(owner: "psycopg.Connection[Any]") -> None:
    assert find_faults(owner) == []


def test_the_tables_of_the_rooms_are_among_them(owner: "psycopg.Connection[Any]") -> None:
    rooms = {table.split("_")[0] for table in list_program_tables(owner)}
    rooms_with_tables = "activities coupons imports ledger members programs referrals relay rewards"
    assert rooms == set(rooms_with_tables.split())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("", None),
        ("ALTER TABLE probe DISABLE ROW LEVEL SECURITY", "probe: row-level security must be enabled and forced"),
        ("ALTER TABLE probe NO FORCE ROW LEVEL SECURITY", "probe: row-level security must be enabled and forced"),
        ("DROP POLICY programs ON probe", "probe: no policy"),
        (
            "DROP POLICY programs ON probe; CREATE POLICY programs ON probe USING (true)",
            "probe: the policy programs must compare program_id for every command and role: true",
        ),
        (
            "CREATE POLICY more ON probe FOR SELECT USING (true)",
            "probe: the policy more must compare program_id for every command and role: true",
        ),
        ("ALTER TABLE probe DROP CONSTRAINT probe_pkey", "probe: no primary key"),
        (
            "ALTER TABLE probe DROP CONSTRAINT probe_pkey, ADD PRIMARY KEY (id, program_id)",
            "probe: probe_pkey must begin with program_id, begins with id",
        ),
        ("CREATE UNIQUE INDEX once ON probe (name)", "probe: once must begin with program_id, begins with name"),
        (
            "CREATE UNIQUE INDEX once ON probe (lower(name), program_id)",
            "probe: once must begin with program_id, begins with an expression",
        ),
        (
            "ALTER TABLE probe ADD COLUMN staff integer CONSTRAINT of_user REFERENCES auth_user",
            "probe: of_user points at auth_user, which does not live with the program",
        ),
        (
            """CREATE UNIQUE INDEX once ON probe (id, program_id);
            ALTER TABLE probe ADD COLUMN parent uuid,
                ADD CONSTRAINT up FOREIGN KEY (parent, program_id) REFERENCES probe (id, program_id)""",
            "probe: up must begin with program_id on both sides",
        ),
        (
            """CREATE TRIGGER watch BEFORE UPDATE ON probe
            FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()""",
            "probe: the trigger watch",
        ),
        (
            "ALTER TABLE probe ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY",
            "probe.n: PostgreSQL makes its value (identity); make it in Python",
        ),
        (
            "ALTER TABLE probe ALTER COLUMN at SET DEFAULT now()",
            "probe.at: PostgreSQL makes its value (now()); make it in Python",
        ),
        ("ALTER TABLE probe ADD COLUMN until timestamptz GENERATED ALWAYS AS (coalesce(at, at)) STORED", None),
        ("ALTER TABLE probe ADD COLUMN n numeric(12, 2)", "probe.n: numeric(12,2) where whole numbers belong"),
        ("ALTER TABLE probe ADD COLUMN n double precision", "probe.n: double precision where whole numbers belong"),
        ("ALTER TABLE probe ADD COLUMN t timestamp", "probe.t: a time without a zone"),
        ("CREATE TABLE bare (id uuid PRIMARY KEY)", "bare: program_id must be a uuid and not null, is None"),
        (
            "ALTER TABLE probe DROP CONSTRAINT probe_pkey, ALTER COLUMN program_id DROP NOT NULL",
            "probe: program_id must be a uuid and not null, is uuid null",
        ),
    ],
)
def test_a_broken_rule_is_found(owner: "psycopg.Connection[Any]", change: str, fault: str | None) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(GOOD.encode())
        owner.execute(change.encode())
        faults = find_faults(owner)
    assert faults == [] if fault is None else fault in faults
