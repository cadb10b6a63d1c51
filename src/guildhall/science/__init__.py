"""The science of mutual assessment: who reviews whom, what the marks are worth, and how a fund is shared.

Pure functions on arrays and frozen dataclasses; nothing of ours and no Django is imported, so that an auditor can
recompute a round from its published file with numpy and scipy alone. Scores are exact integers from entry to rank
(micro-points, and pico-points once weighted); binary floats live inside the calibration only.

`assignment` and `panel` say who reviews whom; `calibration` turns marks into merits within one view; `seats` and
`outcome` rank each group in the view that holds none of its reports; `published` reads the file of a whole round and
computes it; `explanation` and `analysis` argue the answer. `fund` and `edp` are alternatives to tiers with fixed seats.
"""
