"""Tokens, stylesheet, components and template tags that the console and the member's pages share."""
