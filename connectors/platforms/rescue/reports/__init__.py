"""Rescue's reports: asked for in one serialised conversation, read from XML or text, told as sessions and surveys."""
