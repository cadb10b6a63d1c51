"""The cycle's own filters."""
