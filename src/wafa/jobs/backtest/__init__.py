"""`wafa backtest`: where a history comes from, and how the answer is shown."""
