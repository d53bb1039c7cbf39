"""BeyondTrust Remote Support."""
