"""Reports: what a login session has set, the areas with their columns, and how they are written."""
