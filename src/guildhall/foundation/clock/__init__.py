"""The time of business, and the table of working days."""
