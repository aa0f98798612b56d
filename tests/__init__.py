"""Tests mirror the rooms of src/wafa."""
