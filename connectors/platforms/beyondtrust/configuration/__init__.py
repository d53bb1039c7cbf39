"""The Configuration API, by the appliance's own description of it."""
