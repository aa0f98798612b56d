"""Histories that a merchant's own systems bring in: the file, how it is read, what it would do, and undoing it."""

from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Literal
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from django.db import IntegrityError

from wafa.api.bodies import read_body, read_id, read_key
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Document, Text
from wafa.core.calendars import Calendar
from wafa.core.undo import WhenUsed
from wafa.imports.asking import Wish, ask_worker
from wafa.imports.faulty import write_refused
from wafa.imports.models import Import, ImportSource
from wafa.imports.operations import MissingPart, WrongState, put_part
from wafa.imports.prepare import change_settings, keep_file, look_at, propose, read_again
from wafa.imports.queries import find_import, find_import_by_key, list_imports
from wafa.imports.reading.cells import DateOrder
from wafa.imports.reading.columns import COLUMNS, Kind, Unmapped
from wafa.imports.reading.dialect import SAMPLE, NotText
from wafa.imports.reading.presets import UnknownPreset
from wafa.imports.rows import HistoryRow, PastPurchase, RowFault
from wafa.imports.settings import Earning, OnFault, read_settings
from wafa.kit.transactions import program_transaction
from wafa.programs.models import Store
from wafa.programs.queries import find_store, get_program, get_program_rules

_ROWS_SHOWN = 20
_LONGEST_NAME = 200


class ReadingBody(Document, frozen=True):
    """How a file is to be read, as far as it is not to stay as it is. `columns` are ours, with those of the file."""

    columns: dict[str, Text] | None = None
    calendar: Calendar | None = None
    date_order: DateOrder | None = None
    on_fault: OnFault | None = None
    earn: Earning | None = None


class WishBody(Document, frozen=True):
    """What becomes of units that were used meanwhile, where an import is undone."""

    when_used: WhenUsed = "refuse"


async def keep_import_file(request: Request) -> Answer:
    """Keep the beginning of a file, or all of it, as an import that is ready to be tried."""
    program_id = await check_key(request, scope="manage")
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    return await in_a_thread(_keep_once, program_id, request.body, asked, read_key(request))


async def keep_import_part(request: Request) -> Answer:
    """Keep a further part of a file that is too large for one request."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_keep_part, program_id, _id(request), int(request.path["place"]), request.body)


async def list_all_imports(request: Request) -> Answer:
    """The imports of the program, the newest first."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_list, program_id)


async def show_import(request: Request) -> Answer:
    """Where an import stands, and what a dry run or a survey found."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_show, program_id, _id(request))


async def preview_import(request: Request) -> Answer:
    """How the first rows of the file would be taken."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_preview, program_id, _id(request))


async def change_reading(request: Request) -> Answer:
    """Say which column is which, how days are written, and what faults and orders do."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_change, program_id, _id(request), read_body(request, _READING))


async def start_import(request: Request) -> Answer:
    """Have a worker try or run an import, look what undoing it would do, or undo it."""
    program_id = await check_key(request, scope="manage")
    wish: Wish = request.path["wish"]  # type: ignore[assignment]  # the address lets in no other
    return await in_a_thread(_start, program_id, _id(request), wish, read_body(request, _WISH))


async def show_refused(request: Request) -> Answer:
    """The rows that were refused, as a CSV file to be mended and brought in again."""
    program_id = await check_key(request, scope="manage")
    return await in_a_thread(_refused, program_id, _id(request))


def _keep_once(program_id: UUID, body: bytes, asked: dict[str, str], key: str) -> Answer:
    try:
        return _keep(program_id, body, asked, key)
    except IntegrityError:  # the same was asked for at the same time: by now it is known
        return _keep(program_id, body, asked, key)


def _keep(program_id: UUID, body: bytes, asked: dict[str, str], key: str) -> Answer:
    kind = _read_kind(asked)
    name = asked.get("name", "history.csv")[:_LONGEST_NAME]
    with program_transaction(program_id):
        store = _read_store(program_id, kind, asked.get("store", ""))
        known = find_import_by_key(program_id, key)
        if known is not None:
            if (known.kind, known.name, known.store_id) != (kind, name, store.id if store else None):
                message = "this key names another import"
                raise Refused(HTTPStatus.CONFLICT, "key_taken", message, field="Idempotency-Key")
            return _answer(known)
        try:
            preset = asked.get("preset", "")
            found = propose(body[:SAMPLE], kind, program=get_program(program_id), store=store, preset=preset)
        except (NotText, UnknownPreset) as error:
            raise _not_understood(str(error), field="body" if isinstance(error, NotText) else "preset") from None
        import_id = keep_file(
            program_id,
            BytesIO(body),
            name=name,
            kind=kind,
            settings=found.settings,
            store_id=store.id if store else None,
            by=asked.get("by", "")[:_LONGEST_NAME],
            at=datetime.now(UTC),
            key=key,
        )
        return _answer(_get(program_id, import_id), status=HTTPStatus.CREATED)


def _keep_part(program_id: UUID, import_id: UUID, place: int, body: bytes) -> Answer:
    try:
        with program_transaction(program_id):
            _get(program_id, import_id)
            put_part(program_id, import_id, place, body)
            return _answer(_get(program_id, import_id))
    except MissingPart as error:
        raise _not_understood(str(error), field="part") from None
    except WrongState as error:
        raise _cannot(error) from None


def _list(program_id: UUID) -> Answer:
    with program_transaction(program_id):
        return Answer(status=HTTPStatus.OK, content={"imports": [_tell(found) for found in list_imports(program_id)]})


def _show(program_id: UUID, import_id: UUID) -> Answer:
    with program_transaction(program_id):
        return _answer(_get(program_id, import_id))


def _preview(program_id: UUID, import_id: UUID) -> Answer:
    with program_transaction(program_id):
        import_, latest = _get(program_id, import_id), get_program_rules(program_id).latest
        look = look_at(get_program(program_id), import_, latest.spec if latest else None, limit=_ROWS_SHOWN)
    used = {name: field for field, name in read_settings(import_.settings).columns.items()}
    columns = [{"name": name, "read_as": used.get(name)} for name in look.header]
    return Answer(status=HTTPStatus.OK, content={"columns": columns, "rows": [_tell_row(row) for row in look.rows]})


def _change(program_id: UUID, import_id: UUID, body: ReadingBody) -> Answer:
    told = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    try:
        with program_transaction(program_id):
            import_ = _get(program_id, import_id)
            if import_.source != ImportSource.FILE:
                raise WrongState("expected an import of a file; this one is a store's")
            read_again(get_program(program_id), import_, change_settings(read_settings(import_.settings), **told))
            return _answer(_get(program_id, import_id))
    except Unmapped as error:
        raise _not_understood(str(error), field="columns") from None
    except WrongState as error:
        raise _cannot(error) from None


def _start(program_id: UUID, import_id: UUID, wish: Wish, body: WishBody) -> Answer:
    try:
        with program_transaction(program_id):
            _get(program_id, import_id)
            ask_worker(program_id, import_id, wish, when_used=body.when_used, at=datetime.now(UTC))
            return _answer(_get(program_id, import_id), status=HTTPStatus.ACCEPTED)
    except WrongState as error:
        raise _cannot(error) from None


def _refused(program_id: UUID, import_id: UUID) -> Answer:
    with program_transaction(program_id):
        import_ = _get(program_id, import_id)
    content = "".join(write_refused(program_id, import_, transaction=program_transaction)).encode()
    return Answer(status=HTTPStatus.OK, content=content, media_type="text/csv; charset=utf-8")


def _id(request: Request) -> UUID:
    return read_id(request.path["import"], field="import")


def _get(program_id: UUID, import_id: UUID) -> Import:
    """Raises Refused (404)."""
    found = find_import(program_id, import_id)
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_import", "This program has no such import.", field="import")
    return found


def _read_kind(asked: dict[str, str]) -> Kind:
    kind = asked.get("kind", "")
    if kind not in COLUMNS:
        raise _not_understood(f"expected one of {', '.join(COLUMNS)}", field="kind")
    told: Literal["members", "orders"] = "orders" if kind == "orders" else "members"
    return told


def _read_store(program_id: UUID, kind: Kind, code: str) -> Store | None:
    store = find_store(program_id, code=code) if code else None
    if code and store is None:
        raise Refused(HTTPStatus.NOT_FOUND, "no_such_store", "This program has no such store.", field="store")
    if kind == "orders" and store is None:
        raise _not_understood("expected the store whose orders these are", field="store")
    return store


def _not_understood(message: str, *, field: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field=field)


def _cannot(error: WrongState) -> Refused:
    return Refused(HTTPStatus.CONFLICT, "cannot_be_done", str(error))


def _answer(import_: Import, *, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(status=status, content={"import": _tell(import_)})


def _tell(import_: Import) -> dict[str, object]:
    told = {name: getattr(import_, name) for name in _TOLD}
    survey = {"asked_at": import_.survey_asked_at, "found": import_.survey} if import_.survey_asked_at else None
    return told | {"reading": import_.settings, "dry_run": import_.report, "survey": survey}


_TOLD = (
    *("id", "kind", "source", "name", "state", "lines", "at_line", "taken", "known", "refused", "fault"),
    *("created_at", "started_at", "ended_at"),
)


def _tell_row(row: HistoryRow) -> dict[str, object]:
    if isinstance(row, RowFault):
        return {"line": row.line, "fault": {"column": row.column, "expected": row.expected}}
    if isinstance(row, PastPurchase):
        told = row.order
        order = {"number": told.external_id, "total_minor": told.total_minor, "currency": told.currency}
        return {"line": row.line, "order": order | {"paid_at": told.paid_at, "customer": _who(told.customer)}}
    member = {"customer": _who(row.customer), "joined_at": row.joined_at, "opening": row.opening, "tier": row.tier}
    return {"line": row.line, "member": member}


def _who(customer: object) -> dict[str, object]:
    return {name: getattr(customer, name) for name in ("external_id", "email", "phone", "name")}


_READING = msgspec.json.Decoder(ReadingBody)
_WISH = msgspec.json.Decoder(WishBody)
