"""产改试点: the register of pilot units."""
