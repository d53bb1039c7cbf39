"""The domain: what a help desk and a remote-support platform tell each other, without any wire."""
