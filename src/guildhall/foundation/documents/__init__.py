"""文书: what leaves the house on paper: numbered in its series, printed, sealed by the office, checked by its code, revoked with a reason."""
