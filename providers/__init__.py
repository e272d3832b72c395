"""Outbound side: accounts of our players at HRG, Beiying and eBET."""
