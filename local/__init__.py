"""Listdrop on a laptop: the engine, the simulators and the command line. Never in Lambda."""
