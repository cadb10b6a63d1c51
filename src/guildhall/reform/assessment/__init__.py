"""互评考核: the pilot units assess one another, experts assess them too, and a fund is shared in tiers."""
