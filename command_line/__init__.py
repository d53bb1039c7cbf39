"""What `deskbridge …` does and shows where it is more than a call: one module for each command."""
