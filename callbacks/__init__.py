"""What eBET sends to a channel, received."""
