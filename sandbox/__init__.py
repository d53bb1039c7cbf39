"""Simulated vendors, seen from the wire: a help desk that speaks Zendesk's API, a Rescue, a BeyondTrust
appliance, a CRM and a RemotePC.

They are strict fakes for tests and for trying the bridge without an account, and import nothing of it.
"""
