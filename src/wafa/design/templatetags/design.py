"""Tags the components are made with."""

from django import template

from wafa.design.icons import ICONS, TURNING

register = template.Library()


@register.simple_tag
def icon_path(name: str) -> str:
    """The path of an icon. Raises KeyError where we have drawn none of that name."""
    return ICONS[name]


@register.filter
def turns(name: str) -> bool:
    """Whether an icon turns round in text from right to left."""
    return name in TURNING


@register.filter
def initial(name: str) -> str:
    """The letter that stands for a person or a program; a dot where there is no name."""
    return name.strip()[:1].upper() or "·"
