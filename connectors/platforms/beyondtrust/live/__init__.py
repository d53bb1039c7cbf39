"""The real-time state over a web socket, and the tables that it and the archives are made of."""
