"""The application's role in PostgreSQL: what it may do, and what even a faulty query of ours cannot.

Migrations run as the owner. Everything else runs as `wafa_app`, which owns nothing: row-level security binds it, and
on tables that a room declares append-only it can only read and insert. A room declares them on its AppConfig:

    class LedgerConfig(AppConfig):
        append_only = ("Journal", "Posting")
"""

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from psycopg import sql

APPLICATION_ROLE = "wafa_app"


def list_append_only_tables() -> list[str]:
    """Names of the tables the application may not change or delete from, sorted."""
    return sorted(
        config.get_model(model_name)._meta.db_table
        for config in apps.get_app_configs()
        for model_name in getattr(config, "append_only", ())
    )


def grant_application_role() -> None:
    """Make the role if it is missing and set its rights anew; run as the owner, after every migration.

    Raises ImproperlyConfigured when the login may neither make the role nor take it on.
    """
    with transaction.atomic():
        _make_role()
        with connection.cursor() as cursor:
            for statement in _grants():
                cursor.execute(statement.as_string(connection.connection))


def _make_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE])
        if cursor.fetchone() is None:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreaterole OR rolsuper)")
            if cursor.fetchone() is None:
                raise ImproperlyConfigured(
                    f"DATABASE_URL: its login may not make roles. Let an administrator run: CREATE ROLE "
                    f"{APPLICATION_ROLE} NOLOGIN; GRANT {APPLICATION_ROLE} TO <login>;"
                )
            cursor.execute(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN")
            # Since PostgreSQL 16 whoever makes a role administers it, but still has to be granted it to take it on.
            cursor.execute(f"GRANT {APPLICATION_ROLE} TO CURRENT_USER")
        cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [APPLICATION_ROLE])
        if cursor.fetchone() != (True,):
            raise ImproperlyConfigured(
                f"DATABASE_URL: its login may not take on the role {APPLICATION_ROLE}. Let an administrator run: "
                f"GRANT {APPLICATION_ROLE} TO <login>;"
            )


def _grants() -> list[sql.Composed]:
    schema = sql.Identifier("public")
    role = sql.Identifier(APPLICATION_ROLE)
    read_only = ["django_migrations"]
    return [
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(schema, role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {} TO {}").format(schema, role),
        *(
            sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
            for table in list_append_only_tables()
        ),
        *(
            sql.SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role)
            for table in read_only
        ),
    ]
