"""One room per outside system, behind two contracts: support platforms and ticket systems."""
