"""What the commands `deskbridge <kind> …` of all kinds share."""
