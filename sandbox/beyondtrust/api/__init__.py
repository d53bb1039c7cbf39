"""What the pretend appliance answers to programs: tokens, commands, links, scripts, configuration."""
