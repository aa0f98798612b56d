"""What somebody agrees to by joining."""

from wafa.core.spec.parts import Names, Part, Positive


class Terms(Part):
    """The terms of the program, in each language. Another `version` of them is asked of every member again."""

    version: Positive
    text: Names
