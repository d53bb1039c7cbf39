"""A pretend BeyondTrust Remote Support appliance: its API, its events, its live state, and pages for people."""
