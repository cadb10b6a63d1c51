"""Benches: each prints this project beside a reference from one run. `python -m benches` runs them all."""
