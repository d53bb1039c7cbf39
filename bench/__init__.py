"""Programs that measure the bridge: each prints ratios taken in one run, with the machine's load."""
