"""Colours that can be read on a merchant's colour, and on which it can be read.

Contrast and luminance are those of WCAG 2.2 (definitions "contrast ratio" and "relative luminance").
"""

import re

WHITE, BLACK = "#ffffff", "#000000"
READABLE = 4.5  # WCAG 2.2, 1.4.3 (AA) for text of ordinary size
# What the stylesheet's --surface is in light and in dark, and how much of the brand tints --brand-soft.
SURFACE_LIGHT, SURFACE_DARK = "#ffffff", "#171e1d"
_TINT = 0.12

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def check_colour(text: str) -> str:
    """The colour in lower case. Raises ValueError unless it is written #rrggbb."""
    if _HEX.fullmatch(text) is None:
        raise ValueError(f"colour: expected six hexadecimal digits such as #0f766e, got {text!r}")
    return text.lower()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 (none) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """White where it can be read on `colour`, otherwise black (one of the two always can)."""
    return WHITE if contrast(colour, WHITE) >= READABLE else BLACK


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable_on(colour: str, *backgrounds: str) -> str:
    """`colour`, darkened or lightened just so far that it can be read on every one of `backgrounds`."""
    end = text_on(backgrounds[0])
    for step in range(21):
        candidate = mix(colour, end, step / 20)
        if all(contrast(candidate, background) >= READABLE for background in backgrounds):
            return candidate
    return end


def brand_css(colour: str) -> str:
    """The custom properties by which a merchant's colour takes the place of ours, in light and in dark."""
    colour = check_colour(colour)
    soft_light, soft_dark = mix(SURFACE_LIGHT, colour, _TINT), mix(SURFACE_DARK, colour, _TINT * 1.5)
    text_light = readable_on(colour, soft_light, SURFACE_LIGHT)
    text_dark = readable_on(colour, soft_dark, SURFACE_DARK)
    return (
        f":root{{--brand:{colour};--on-brand:{text_on(colour)};"
        f"--brand-text:light-dark({text_light},{text_dark});--brand-soft:light-dark({soft_light},{soft_dark})}}"
    )


def _channels(colour: str) -> tuple[int, int, int]:
    digits = check_colour(colour)
    return int(digits[1:3], 16), int(digits[3:5], 16), int(digits[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
