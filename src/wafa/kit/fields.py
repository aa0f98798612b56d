"""Columns that Django has no field for."""

import json
from typing import Any

from django.db import models


class JSONText(models.TextField):  # type: ignore[type-arg]
    """JSON of whose parts no statement asks. It is read as it was written: `jsonb` has to be written anew."""

    def from_db_value(self, value: str | None, *_: object) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value)
