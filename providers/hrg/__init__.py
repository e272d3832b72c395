"""Hot Road Gaming, agent API, transfer-wallet edition."""
