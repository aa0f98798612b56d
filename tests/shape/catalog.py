"""What PostgreSQL says about our tables, held against the rules that let a program's rows live on one shard."""

from typing import Any

import psycopg

# Which programs there are and who may enter them; sign-in, sessions and the queue stay ordinary tables.
GLOBAL_TABLES = {"programs_program", "programs_staff"}
GLOBAL_PREFIXES = ("account_", "auth_", "django_", "mfa_", "procrastinate_")

_CONTEXT = "NULLIF(current_setting('wafa.program_id'::text, true), ''::text)"

_TABLES = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
        (SELECT format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '' ELSE ' null' END
            FROM pg_attribute WHERE attrelid = c.oid AND attname = 'program_id')
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
_UNIQUES = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisprimary,
        (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 2
"""
_FOREIGN_KEYS = """
    SELECT f.conrelid::regclass::text, f.conname, f.confrelid::regclass::text,
        (SELECT attname FROM pg_attribute WHERE attrelid = f.conrelid AND attnum = f.conkey[1]),
        (SELECT attname FROM pg_attribute WHERE attrelid = f.confrelid AND attnum = f.confkey[1])
    FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace ORDER BY 2
"""
_TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 2"
_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity <> '',
        -- What is computed from its own row is the same on every shard.
        CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY 1, a.attnum
"""
_POLICIES = """
    SELECT tablename, policyname, permissive = 'PERMISSIVE' AND roles = '{public}' AND cmd = 'ALL',
        coalesce(qual, ''), coalesce(with_check, qual, '')
    FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2
"""

Connection = psycopg.Connection[Any]


def list_program_tables(connection: Connection) -> set[str]:
    """Every table whose rows belong to a program: all that are not known to be global."""
    names = {str(name) for name, *_ in connection.execute(_TABLES)}
    return {name for name in names if name not in GLOBAL_TABLES and not name.startswith(GLOBAL_PREFIXES)}


def find_faults(connection: Connection) -> list[str]:
    """A sentence for each rule that a table breaks."""
    tables = list_program_tables(connection)
    return [
        *_identity_faults(connection, tables),
        *_uniqueness_faults(connection, tables),
        *_foreign_key_faults(connection, tables),
        *_column_faults(connection, tables),
        *_policy_faults(connection, tables),
    ]


def _identity_faults(connection: Connection, tables: set[str]) -> list[str]:
    faults = []
    for name, secured, program_id in connection.execute(_TABLES):
        if name in tables and program_id != "uuid":
            faults.append(f"{name}: program_id must be a uuid and not null, is {program_id}")
        if name in tables and not secured:
            faults.append(f"{name}: row-level security must be enabled and forced")
    triggers = connection.execute(_TRIGGERS).fetchall()
    return faults + [f"{table}: the trigger {name}" for table, name in triggers if table in tables]


def _uniqueness_faults(connection: Connection, tables: set[str]) -> list[str]:
    uniques = [row for row in connection.execute(_UNIQUES) if row[0] in tables]
    without_key = tables - {table for table, _, is_primary, _ in uniques if is_primary}
    return [f"{table}: no primary key" for table in sorted(without_key)] + [
        f"{table}: {index} must begin with program_id, begins with {first or 'an expression'}"
        for table, index, _, first in uniques
        if first != "program_id"
    ]


def _foreign_key_faults(connection: Connection, tables: set[str]) -> list[str]:
    faults = []
    for table, name, target, column, target_column in connection.execute(_FOREIGN_KEYS):
        if table not in tables:
            continue
        if target in tables and (column, target_column) != ("program_id", "program_id"):
            faults.append(f"{table}: {name} must begin with program_id on both sides")
        if target not in tables and target != "programs_program":
            faults.append(f"{table}: {name} points at {target}, which does not live with the program")
    return faults


def _column_faults(connection: Connection, tables: set[str]) -> list[str]:
    faults = []
    for table, column, kind, is_identity, default in connection.execute(_COLUMNS):
        if table not in tables:
            continue
        if is_identity or (default and "(" in default):
            faults.append(f"{table}.{column}: PostgreSQL makes its value ({default or 'identity'}); make it in Python")
        if kind.startswith(("numeric", "double", "real", "money")):
            faults.append(f"{table}.{column}: {kind} where whole numbers belong")
        if kind.startswith("timestamp without"):
            faults.append(f"{table}.{column}: a time without a zone")
    return faults


def _policy_faults(connection: Connection, tables: set[str]) -> list[str]:
    wanted = f"(program_id = ({_CONTEXT})::uuid)"
    faults, found = [], set()
    for table, name, is_plain, using, checked in connection.execute(_POLICIES):
        found.add(table)
        if table in tables and not (is_plain and using == checked == wanted):
            faults.append(f"{table}: the policy {name} must compare program_id for every command and role: {using}")
    return faults + [f"{table}: no policy" for table in sorted(tables - found)]
