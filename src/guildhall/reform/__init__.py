"""产改: the industrial-workforce reform; pilots and their mutual assessment, and what later joins them."""
