"""What a lab's hosts are made of: Debian, Kafka, layers in a cache."""
