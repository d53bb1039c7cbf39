"""Sessions that begin without the bridge: links, portal pages, Support Buttons, console scripts."""
