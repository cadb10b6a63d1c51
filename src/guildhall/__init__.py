"""Guildhall (工匠之家): the working system of a city federation of trade unions."""
