"""Tests of the benchmark: that it compares like with like, and counts right."""
