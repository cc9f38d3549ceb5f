"""What passes between a run and the process that holds a fault of the cluster, and what is kept."""
