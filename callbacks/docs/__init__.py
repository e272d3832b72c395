"""The callbacks as the other side reads them: OpenAPI, and a page for eBET's integration staff."""
