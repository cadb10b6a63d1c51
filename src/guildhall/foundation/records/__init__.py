"""Append-only, hash-chained decision records; daily seals; attachments."""
