"""Redemptions, vouchers and their codes, and what is left of stocks."""
