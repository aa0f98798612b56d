"""A program's document as text: YAML, of which JSON is a part."""

import yaml

from wafa.core.spec import ProgramSpec


class NoDocument(ValueError):
    """A text that is neither YAML nor JSON."""


def read_document(text: str) -> object:
    """What a text in YAML or JSON says, not yet held against what a program can say. Raises NoDocument."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise NoDocument(f"expected YAML or JSON. {error}") from None


def write_document(spec: ProgramSpec) -> str:
    """The document as YAML, without what is said by leaving it out: read again it is the same program."""
    document = {"format": spec.format, **spec.model_dump(mode="json", exclude_defaults=True)}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def find_line(text: str, path: str) -> int | None:
    """The line (from 1) of a readable text on which the part at `path` stands, or the nearest part around it.

    A step that names a kind (`award.fixed.units`) and not a place of the document is passed over.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line if node else None
    for step in path.split("."):
        if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    node, line = value, key.start_mark.line
    return None if line is None else line + 1
