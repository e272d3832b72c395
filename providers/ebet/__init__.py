"""eBET, as the channel calls it; signing and statuses serve both directions."""
