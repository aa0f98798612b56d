"""Wafa, a self-hosted loyalty platform for online stores."""

__version__ = "0.1.0"
