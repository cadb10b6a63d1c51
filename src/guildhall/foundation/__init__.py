"""What every domain stands on: the cycle, the ledger, the records, the organisations, the screens, the clock."""
