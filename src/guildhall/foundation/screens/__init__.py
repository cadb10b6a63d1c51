"""What all domains share on screen: shells, components, lists, filters, export, forms, charts."""
