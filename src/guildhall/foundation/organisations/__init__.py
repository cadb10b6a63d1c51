"""The union tree, units, people, their dated appointments, and the scope these give."""
