"""Simulated vendors, seen from the wire: a help desk that speaks Zendesk's API and a pretend Rescue.

They are strict fakes for tests and for trying the bridge without an account, and import nothing of it.
"""
