"""How the designs of the sample archive are drawn: inks on a canvas that wraps, and threads in a weave."""
