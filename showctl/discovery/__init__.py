"""Zeroconf: how tablets find the service, and how it finds others.

interfaces   which addresses of this machine are worth telling
services     what is advertised, as a table
advertise    telling, for as long as a block lasts
browse       who else is there
watch        who comes, moves and goes
patience     calls in threads, and again when the network is back
"""
