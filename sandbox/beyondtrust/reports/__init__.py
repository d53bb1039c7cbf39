"""What the pretend appliance reports: sessions, surveys, teams, archives, recordings."""
