"""Units from Excel: a file is checked, then written as a whole or not at all."""
