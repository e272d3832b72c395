"""eBET's side of the conversation, played against a running server."""
