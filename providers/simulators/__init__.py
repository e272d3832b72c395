"""Stand-ins of the outside services: real HTTP servers with books and rules of their own."""
