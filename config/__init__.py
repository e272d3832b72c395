"""The project: settings, addresses, processes. Names the apps by string, imports none of them."""
