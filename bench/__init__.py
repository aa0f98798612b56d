"""How close the product comes to what the database can do: `make bench`. What is measured: docs/performance.md."""
