"""Fixtures that every test may ask for, by what they give."""
