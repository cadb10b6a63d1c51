"""The cycle's addresses."""
