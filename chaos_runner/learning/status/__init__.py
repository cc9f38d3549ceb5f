"""The status page: what users of the system may rely on, in plain words, in several languages."""
