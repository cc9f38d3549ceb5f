"""What can be done, as functions with typed results: for the command line and other Python."""
