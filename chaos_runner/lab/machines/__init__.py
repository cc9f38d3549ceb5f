"""A lab's hosts: containers and virtual machines, powered on and off."""
