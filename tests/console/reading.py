"""Pages as their reader sees them."""

import re
from html import unescape
from typing import Any

_MARKS = re.compile("[\u200e\u200f\u061c]")


def content_of(response: Any) -> str:
    """The words of a page's own part, without the frame: tags become spaces where they part words."""
    assert response.status_code == 200, response.status_code
    return words_in(response.content.decode().split('id="content"', 1)[1].split(">", 1)[1])


def words_in(html: str) -> str:
    inline = re.sub(r"</?(?:bdi|span|time|strong)[^>]*>", "", html)
    text = unescape(re.sub(r"<[^>]+>", " ", inline)).replace("\u00a0", " ")
    return " ".join(_MARKS.sub("", text).split())


def rows_of(response: Any) -> list[list[str]]:
    """The cells of the first table's rows, heading cell first."""
    body = response.content.decode().split("<tbody", 1)[1].split("</tbody>", 1)[0]
    return [[words_in(f"<i {cell}") for cell in re.split(r"<t[hd] ", row)[1:]] for row in body.split("<tr ")[1:]]
