"""The truth: deliveries, events, tickets, invitations, sessions, effects and the journal, in one database."""
