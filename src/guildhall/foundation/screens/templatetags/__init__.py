"""The tags and filters every template has without loading them."""
