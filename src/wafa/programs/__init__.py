"""Programs, their published versions, stores, staff and keys."""
