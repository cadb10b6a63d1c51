"""The cycle's forms."""
