"""What breaks things on purpose: a proxy between two HTTP speakers, real processes to kill, databases to lock."""
