"""A real Request Tracker 5 for tests, of Debian's packages: see `server.py`."""
