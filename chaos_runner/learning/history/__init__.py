"""All runs of a workspace, each as a few facts, and what changed over them."""
